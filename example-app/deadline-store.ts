import { Store, type SessionData } from 'express-session';
import { withDeadline } from './deadline';

type Done<T> = (error: unknown, value?: T) => void;
type Saved = (error?: unknown) => void;
/** `touch` is optional in a store's type, and that it reports its failure is left out of it. */
type TouchableStore = Store & { touch(sid: string, session: SessionData, done: Saved): unknown };

/** A session store under the app's deadline: when its server is frozen the answer is 503, and not a hang. */
export class DeadlineStore extends Store {
  constructor(
    private readonly name: string,
    private readonly inner: TouchableStore,
  ) {
    super();
  }

  override get(sid: string, done: Done<SessionData | null>): void {
    this.bounded((settle) => this.inner.get(sid, settle), done);
  }

  override set(sid: string, session: SessionData, done: Saved = () => undefined): void {
    this.bounded<void>((settle) => this.inner.set(sid, session, settle), done);
  }

  override destroy(sid: string, done: Saved = () => undefined): void {
    this.bounded<void>((settle) => this.inner.destroy(sid, settle), done);
  }

  override touch(sid: string, session: SessionData, done: Saved = () => undefined): void {
    this.bounded<void>((settle) => this.inner.touch(sid, session, settle), done);
  }

  private bounded<T>(start: (settle: Done<T>) => void, done: Done<T>): void {
    const call = () =>
      new Promise<T | undefined>((resolve, reject) => {
        start((error, value) => (error instanceof Error ? reject(error) : resolve(value)));
      });
    // What the callback throws is the caller's and must not end as our rejection.
    withDeadline(this.name, call).then(
      (value) => process.nextTick(done, null, value),
      (error: unknown) => process.nextTick(done, error),
    );
  }
}
