import { MemoryStore, type SessionData } from 'express-session';
import type { Stage, Touch } from '../explorer/stage';
import type { Recorder } from './recorder';

type Done = (error?: unknown) => void;
type Got = (error: unknown, session?: SessionData | null) => void;

/** The memory store of express-session, every call a step. */
export class SteppedSessions extends MemoryStore {
  declare sessions: Record<string, string>;

  constructor(
    private readonly stage: Stage,
    private readonly recorder: Recorder,
  ) {
    super();
    // Each app of a world, of which there may be many, listens to it.
    this.setMaxListeners(0);
  }

  get text(): string {
    return this.recorder.textOf('sessions', () => this.sessions);
  }

  override get(sid: string, done: Got): void {
    const work = () =>
      new Promise<SessionData | null>((resolve) => {
        super.get(sid, (_error, session) => resolve(session ?? null));
      });
    this.call('get', sid, 'read', work).then((session) => done(null, session), done);
  }

  override set(sid: string, session: SessionData, done: Done = () => undefined): void {
    const text = JSON.stringify(session);
    const data = JSON.parse(text) as SessionData;
    this.write('set', sid, 'write', (ready) => super.set(sid, data, ready)).then(() => done(), done);
  }

  override destroy(sid: string, done: Done = () => undefined): void {
    this.write('destroy', sid, 'write', (ready) => super.destroy(sid, ready)).then(() => done(), done);
  }

  override touch(sid: string, session: SessionData, done: Done = () => undefined): void {
    const data = JSON.parse(JSON.stringify(session)) as SessionData;
    // A cookie without an expiry is written back as it is.
    const how = session.cookie.originalMaxAge === null ? 'read' : 'write';
    this.write('touch', sid, how, (ready) => super.touch?.(sid, data, ready)).then(() => done(), done);
  }

  private write(name: string, sid: string, how: Touch[1], work: (ready: Done) => void): Promise<void> {
    const again = () =>
      new Promise<void>((resolve) => {
        work(() => resolve());
      });
    return this.call(name, sid, how, () => this.recorder.write('sessions', `${name} ${sid}`, again));
  }

  private call<T>(name: string, sid: string, how: Touch[1], work: () => Promise<T>): Promise<T> {
    const refreshes = name === 'touch';
    const touches: readonly Touch[] = [[`session ${sid}`, how]];
    return this.stage.call({ name: `sessions.${name} of ${sid}`, touches, refreshes }, work);
  }
}
