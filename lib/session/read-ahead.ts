import { performance } from 'node:perf_hooks';
import type { UserId } from '../account/account';
import { isYoung } from '../core/age';
import type { EpochNumber, Login, LoginKey, Pending, UserKey } from '../stores/contracts';
import { BoundedMap } from '../stores/bounded-map';

/** How often a process extends the life of a login record, ms. */
const SLIDE_EVERY = 60_000;
/** By how much a record outlives its session, ms: it may be extended a minute late, or two if a clock was set back. */
export const SPARE = 2 * 60_000;
/** How many sessions a process remembers; about 300 bytes each. */
const MOST_NOTES = 10_000;

/** How long an answer may be used, ms: something above may hold a request back, and the login be ended meanwhile. */
const OLDEST = 500;

/** What a process remembers of a session it has seen: which keys to ask for. Only a hint; nothing is decided by it. */
export interface SessionNote {
  readonly sessionId: string;
  readonly key: LoginKey;
  readonly userId: UserId;
  readonly user: UserKey;
  /** How long the session lives, ms. */
  readonly life: number;
  /** When this process last extended the life of the record. */
  readonly slidAt: number;
}

/** A record and a number requested together with the session they belong to. */
export class Ahead {
  private answer: { readonly login: Login | null; readonly epoch: EpochNumber } | null = null;
  private isOver = false;
  private tell: (() => void) | null = null;
  private readonly askedAt = performance.now();

  constructor(
    readonly of: ReadAhead,
    readonly note: SessionNote,
    private readonly changes: number,
  ) {}

  /** @returns null while there is no answer, and for good if there will be none, it was used, or it may be outdated */
  get answered(): { readonly login: Login | null; readonly epoch: EpochNumber } | null {
    if (this.changes !== this.of.changes || !this.of.isKnown(this)) return null;
    return performance.now() - this.askedAt > OLDEST ? null : this.answer;
  }

  /** It let its request pass. Whoever asks again in this request wants to know what has happened since. */
  use(): void {
    this.answer = null;
  }

  /** Resolves when there is an answer, or when it is certain that none will come. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isOver) resolve();
      else this.tell = resolve;
    });
  }

  take(error: unknown, login: Login | null, epoch: EpochNumber): void {
    this.isOver = true;
    if (!error) this.answer = { login, epoch };
    this.tell?.();
  }

  /** There will be no answer. */
  fail(): void {
    this.take(true, null, null);
  }
}

/**
 * Requests the login record and the epoch number of a session in the same tick as the session itself, so that a gated
 * request waits for nothing of ours. Both are read after the request has arrived, so the answer holds for a moment
 * within it.
 */
export class ReadAhead {
  private readonly notes = new BoundedMap<string, SessionNote>(MOST_NOTES);
  /** How often this process has ended logins: what was read before that is outdated. */
  changes = 0;

  constructor(
    private readonly pending: Pending,
    private readonly now: () => number,
  ) {}

  /** @returns null if the session is not known here, or its record is due to be extended */
  ask(sessionId: string): Ahead | null {
    const note = this.notes.get(sessionId);
    if (!note || !isYoung(note.slidAt, SLIDE_EVERY, this.now())) return null;
    const ahead = new Ahead(this, note, this.changes);
    read(this.pending, ahead);
    return ahead;
  }

  note(note: SessionNote): void {
    this.notes.set(note.sessionId, note);
  }

  isKnown({ note }: Ahead): boolean {
    return this.notes.get(note.sessionId) === note;
  }

  forget(sessionId: string): void {
    this.notes.delete(sessionId);
  }

  /** Logins of some user are being ended: an app may do that in a request whose record has already been read. */
  outdate(): void {
    this.changes += 1;
  }
}

/** A store that throws, now or later, must not take the session with it: it is asked again, and then that is an error. */
function read({ logins, epochs, together }: Pending, ahead: Ahead): void {
  const { key, user } = ahead.note;
  try {
    const done: unknown =
      together?.logins === logins && together.epochs === epochs
        ? together.read(key, user, (error, login, epoch) => ahead.take(error, login, epoch))
        : Promise.all([logins.read(key, null), epochs.read(user)]).then(([login, epoch]) =>
            ahead.take(null, login, epoch),
          );
    if (done instanceof Promise) done.catch(() => ahead.fail());
  } catch {
    ahead.fail();
  }
}
