import { MemoryStore, Store, type SessionData } from 'express-session';
import { DeadlineStore } from '../../example-app/deadline-store';
import { StoreUnavailable } from '../../example-app/errors';

const session = { cookie: { originalMaxAge: null }, secondFactor: 1 } as unknown as SessionData;

/** Takes every call and answers none, as a frozen server does. */
class FrozenStore extends Store {
  get(): void {}
  set(): void {}
  destroy(): void {}
  override touch(): void {}
}

/** Fails at once, as the driver does while its server is away. */
class BrokenStore extends Store {
  private fail(done: unknown): void {
    (done as (error: Error) => void)(new Error('connection lost'));
  }
  get(_sid: string, done: unknown): void {
    this.fail(done);
  }
  set(_sid: string, _session: SessionData, done: unknown): void {
    this.fail(done);
  }
  destroy(_sid: string, done: unknown): void {
    this.fail(done);
  }
  override touch(_sid: string, _session: SessionData, done: unknown): void {
    this.fail(done);
  }
}

type Done = (error?: unknown, value?: unknown) => void;

const calls: Record<string, (store: DeadlineStore, done: Done) => void> = {
  get: (store, done) => store.get('sid', done),
  set: (store, done) => store.set('sid', session, done),
  destroy: (store, done) => store.destroy('sid', done),
  touch: (store, done) => store.touch('sid', session, done),
};

const outcome = (start: (done: Done) => void): Promise<unknown> =>
  new Promise((resolve) => {
    start((error, value) => resolve(error ?? value));
  });

describe('a session store under a deadline', () => {
  it('answers like the store inside', async () => {
    const store = new DeadlineStore('Redis', new MemoryStore());
    expect(await outcome((done) => store.get('sid', done))).toBeUndefined();
    await outcome((done) => store.set('sid', session, done));
    await outcome((done) => store.touch('sid', session, done));
    expect(await outcome((done) => store.get('sid', done))).toMatchObject({ secondFactor: 1 });
    await outcome((done) => store.destroy('sid', done));
    expect(await outcome((done) => store.get('sid', done))).toBeUndefined();
  });

  it.each(Object.entries(calls))(
    'fails %s of a frozen server after 2.5 s and not before',
    async (_name, call) => {
      jest.useFakeTimers({ doNotFake: ['nextTick'] });
      try {
        let failed: unknown;
        call(new DeadlineStore('Redis', new FrozenStore()), (error) => {
          failed = error;
        });
        await jest.advanceTimersByTimeAsync(2_499);
        expect(failed).toBeUndefined();
        await jest.advanceTimersByTimeAsync(1);
        expect(failed).toBeInstanceOf(StoreUnavailable);
      } finally {
        jest.useRealTimers();
      }
    },
  );

  it.each(Object.entries(calls))('passes a failure of %s on as an outage', async (_name, call) => {
    const error = await outcome((done) => call(new DeadlineStore('Redis', new BrokenStore()), done));
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(error).toMatchObject({ message: 'Redis: connection lost' });
  });
});
