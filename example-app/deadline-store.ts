import { Store, type SessionData } from 'express-session';
import { withDeadline } from './deadline';

type Done<T> = (error: unknown, value?: T) => void;
type Saved = (error?: unknown) => void;
/** `touch` is optional in a store's type, which also omits that it reports its failure. */
type TouchableStore = Store & { touch(sid: string, session: SessionData, done: Saved): unknown };

/** A session store under the app's deadline: if its server is frozen the answer is 503 instead of a hang. */
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
    // What the callback throws belongs to the caller and must not become our rejection.
    withDeadline(this.name, call).then(
      (value) => process.nextTick(done, null, value),
      (error: unknown) => process.nextTick(done, error),
    );
  }
}
