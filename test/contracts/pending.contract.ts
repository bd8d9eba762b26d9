import type { FactorId, UserId } from '../../lib/account/account';
import { countTryOfCode } from '../../lib/core/login-tries';
import type {
  Budget,
  EpochNumber,
  Login,
  LoginKey,
  Pending,
  KeyChallenge,
  SentCode,
  Taken,
  UserKey,
} from '../../lib/stores/contracts';

export interface PendingSubject {
  /** Empty, and nobody else's. */
  readonly pending: Pending;
  /** Makes what is stored this much older. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const LIFE = 10 * MINUTE;

/** What every pending store must do. `open` is called before each test. */
export function pendingContract(name: string, open: () => Promise<PendingSubject>): void {
  describe(`${name}, as Pending`, () => {
    let subject: PendingSubject;
    let pending: Pending;
    beforeEach(async () => {
      subject = await open();
      pending = subject.pending;
    });
    afterEach(() => subject.close());
    const pass = (ms: number): Promise<void> => subject.pass(ms);

    describe('login records', () => {
      const read = (key: LoginKey, slideTo: number | null = null): Promise<Login | null> =>
        pending.logins.read(key, slideTo);

      it('are absent where none was written', async () => {
        expect(await readLogin(pending, loginKey(1), ADA, LIFE)).toEqual({ login: null, epoch: null });
        expect(await pending.logins.has(loginKey(1))).toBe(false);
      });

      it.each([
        ['owed', { owed: { user: { id: 7, tags: ['a'] }, keepSessionInfo: true, passport: 0 } }],
        ['passed', { accepted: { methods: ['hwk', 'mfa'], at: 1_700_000_000_456 } }],
        ['exempt', { proofs: [], types: [] }],
      ] as const)('come back as they were written: %s', async (state, more) => {
        const login = aLogin({ state, ...more });
        await pending.logins.write(loginKey(1), login, ADA, LIFE, null);
        expect(await read(loginKey(1))).toEqual(login);
        expect(await pending.logins.has(loginKey(1))).toBe(true);
      });

      it('come with the epoch number of the user', async () => {
        await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
        await pending.epochs.raise(ADA, 5);
        expect(await readLogin(pending, loginKey(1), ADA, null)).toEqual({ login: aLogin(), epoch: 5 });
        expect(await readLogin(pending, loginKey(1), BOB, null)).toEqual({ login: aLogin(), epoch: null });
        expect(await readLogin(pending, loginKey(2), ADA, null)).toEqual({ login: null, epoch: 5 });
      });

      it('die when their life is over', async () => {
        await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
        await pass(LIFE - SECOND);
        expect(await read(loginKey(1))).toEqual(aLogin());
        await pass(2 * SECOND);
        expect(await read(loginKey(1))).toBeNull();
        expect(await pending.logins.has(loginKey(1))).toBe(false);
        expect(await pending.logins.list(ADA)).toEqual([]);
      });

      it('live on as long as they are read with a slide', async () => {
        await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
        for (let time = 0; time < 5; time += 1) {
          await pass(LIFE - SECOND);
          expect(await read(loginKey(1), LIFE)).toEqual(aLogin());
        }
        await pass(LIFE + SECOND);
        expect(await read(loginKey(1), LIFE)).toBeNull();
      });

      it('can be given a shorter life by a slide', async () => {
        await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
        expect(await read(loginKey(1), MINUTE)).toEqual(aLogin());
        await pass(MINUTE + SECOND);
        expect(await read(loginKey(1))).toBeNull();
      });

      it('are not made by a slide, nor brought back by one', async () => {
        await read(loginKey(1), LIFE);
        await pending.logins.read(loginKey(1), LIFE, MINUTE);
        expect(await pending.logins.has(loginKey(1))).toBe(false);
      });

      it('say when they were last used, if a slide says so', async () => {
        const login = aLogin({ lastAt: 2 * MINUTE });
        await pending.logins.write(loginKey(1), login, ADA, LIFE, null);
        expect(await read(loginKey(1), LIFE)).toEqual(login);
        for (const lastAt of [5 * MINUTE, 7 * MINUTE, 6 * MINUTE, 0]) {
          await pass(LIFE - SECOND);
          expect(await pending.logins.read(loginKey(1), LIFE, lastAt)).toEqual({ ...login, lastAt });
        }
        expect((await pending.logins.list(ADA)).map((one) => one.login.lastAt)).toEqual([0]);
        await pass(LIFE + SECOND);
        expect(await pending.logins.read(loginKey(1), LIFE, MINUTE)).toBeNull();
      });

      it('say it where nothing was said before, and change in nothing else', async () => {
        const { lastAt: _, ...login } = aLogin({
          state: 'owed',
          from: { browser: { browser: 'Chrome', system: 'Windows' }, address: '192.0.2.7' },
          owed: { user: { id: 7, lastAt: 9, text: ',"lastAt":5}' }, keepSessionInfo: true, passport: 0 },
        });
        await pending.logins.write(loginKey(1), login, ADA, LIFE, null);
        const used = await pending.logins.read(loginKey(1), LIFE, 3 * MINUTE);
        expect(used).toEqual({ ...login, lastAt: 3 * MINUTE });
        expect(await pending.logins.read(loginKey(1), LIFE, 4 * MINUTE)).toEqual({
          ...login,
          lastAt: 4 * MINUTE,
        });
      });

      it('are not brought back by being used while they are removed or replaced', async () => {
        for (let round = 0; round < 20; round += 1) {
          await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
          const end = () =>
            round % 2 === 0
              ? pending.logins.remove(loginKey(1))
              : pending.logins.write(loginKey(2), aLogin(), ADA, LIFE, loginKey(1));
          const use = (minute: number) => pending.logins.read(loginKey(1), LIFE, minute * MINUTE);
          await Promise.all([use(1), end(), use(2), use(3)]);
          expect(await pending.logins.has(loginKey(1))).toBe(false);
          expect(await pending.logins.remove(loginKey(1))).toBe(round % 2 === 1);
        }
      });

      it('are gone once they were removed, or replaced', async () => {
        await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
        await pending.logins.write(loginKey(2), aLogin({ since: 2 }), ADA, LIFE, loginKey(1));
        expect(await read(loginKey(1))).toBeNull();
        expect(await read(loginKey(2))).toEqual(aLogin({ since: 2 }));
        await pending.logins.remove(loginKey(2));
        await pending.logins.remove(loginKey(2));
        expect(await read(loginKey(2))).toBeNull();
      });

      it('are replaced by one of any number that replace them, and each is told whether it was the one', async () => {
        await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
        const told = await Promise.all(
          [2, 3, 4].map((n) =>
            pending.logins.write(loginKey(n), aLogin({ since: n }), ADA, LIFE, loginKey(1)),
          ),
        );
        expect(told.filter(Boolean)).toHaveLength(1);
        expect(await pending.logins.write(loginKey(5), aLogin(), ADA, LIFE, loginKey(1))).toBe(false);
        expect(await pending.logins.write(loginKey(6), aLogin(), ADA, LIFE, null)).toBe(false);
        expect([await pending.logins.remove(loginKey(6)), await pending.logins.remove(loginKey(6))]).toEqual([
          true,
          false,
        ]);
      });

      describe('that were replaced', () => {
        const goOn = (from: number, to: number): Promise<boolean> =>
          pending.logins.write(loginKey(to), aLogin({ since: to }), ADA, LIFE, loginKey(from));

        it('are ended by the key they had before, however often they have gone on', async () => {
          await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
          for (const n of [1, 2, 3]) expect(await goOn(n, n + 1)).toBe(true);
          expect(await pending.logins.remove(loginKey(1))).toBe(true);
          expect(await read(loginKey(4))).toBeNull();
          expect(await pending.logins.list(ADA)).toEqual([]);
          expect(await pending.logins.remove(loginKey(1))).toBe(false);
        });

        it('are no login under the key they had before', async () => {
          await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
          await goOn(1, 2);
          expect(await read(loginKey(1), LIFE)).toBeNull();
          expect(await pending.logins.has(loginKey(1))).toBe(false);
          expect((await pending.logins.list(ADA)).map(({ key }) => key)).toEqual([loginKey(2)]);
        });

        it('go on once: who comes second neither goes on nor hides where the first has gone', async () => {
          await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
          expect([await goOn(1, 2), await goOn(1, 3)]).toEqual([true, false]);
          await pending.logins.remove(loginKey(1));
          expect([await read(loginKey(2)), await read(loginKey(3))]).toEqual([null, aLogin({ since: 3 })]);
        });

        it('are ended by no key that was never theirs', async () => {
          await goOn(1, 2);
          expect(await pending.logins.remove(loginKey(1))).toBe(false);
          expect(await read(loginKey(2))).toEqual(aLogin({ since: 2 }));
        });

        it('are known by it for two minutes', async () => {
          await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
          await goOn(1, 2);
          await pass(2 * MINUTE - SECOND);
          await pending.logins.write(loginKey(5), aLogin(), BOB, LIFE, null);
          await pass(2 * SECOND);
          expect(await pending.logins.remove(loginKey(1))).toBe(false);
          expect(await read(loginKey(2))).toEqual(aLogin({ since: 2 }));
        });

        it('leave their key to another one', async () => {
          await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
          await goOn(1, 2);
          await pending.logins.write(loginKey(1), aLogin({ since: 9 }), ADA, LIFE, null);
          expect(await pending.logins.remove(loginKey(1))).toBe(true);
          expect(await read(loginKey(2))).toEqual(aLogin({ since: 2 }));
        });
      });

      it('survive being replaced by themselves', async () => {
        await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
        await pending.logins.write(loginKey(1), aLogin({ since: 2 }), ADA, LIFE, loginKey(1));
        expect(await read(loginKey(1))).toEqual(aLogin({ since: 2 }));
        expect(await pending.logins.list(ADA)).toHaveLength(1);
      });

      it('cannot be changed through what was given or read', async () => {
        const given = aLogin({
          state: 'owed',
          owed: { user: { id: 7 }, keepSessionInfo: false, passport: 1 },
        });
        await pending.logins.write(loginKey(1), given, ADA, LIFE, null);
        Object.assign(given.owed?.user as object, { id: 8 });
        const got = await read(loginKey(1));
        expect(got?.owed?.user).toEqual({ id: 7 });
        Object.assign(got?.owed?.user as object, { id: 9 });
        expect((await read(loginKey(1)))?.owed?.user).toEqual({ id: 7 });
      });
    });

    describe('the list of logins', () => {
      const write = (n: number, since: number, replaces: LoginKey | null = null): Promise<boolean> =>
        pending.logins.write(loginKey(n), aLogin({ since }), ADA, LIFE, replaces);
      const listed = async (user: UserKey = ADA): Promise<LoginKey[]> =>
        (await pending.logins.list(user)).map(({ key }) => key);

      it('has the complete logins of one user, oldest first', async () => {
        await write(1, 300);
        await write(2, 100);
        await write(3, 200);
        await pending.logins.write(loginKey(4), aLogin({ state: 'exempt', since: 50 }), ADA, LIFE, null);
        await pending.logins.write(loginKey(5), aLogin({ state: 'owed' }), ADA, LIFE, null);
        await pending.logins.write(loginKey(6), aLogin(), BOB, LIFE, null);
        expect(await listed()).toEqual([loginKey(4), loginKey(2), loginKey(3), loginKey(1)]);
        expect((await pending.logins.list(ADA))[1]?.login).toEqual(aLogin({ since: 100 }));
        expect(await listed(BOB)).toEqual([loginKey(6)]);
      });

      it('leaves out the removed, the replaced and the dead', async () => {
        await write(1, 100);
        await write(2, 200);
        await write(3, 300);
        await write(4, 300, loginKey(2));
        await pending.logins.remove(loginKey(1));
        expect(await listed()).toEqual([loginKey(3), loginKey(4)]);
        await pass(LIFE + SECOND);
        expect(await listed()).toEqual([]);
      });

      it('does not have a half login, even under a key that a complete one had', async () => {
        await write(1, 100);
        await pending.logins.write(loginKey(1), aLogin({ state: 'owed' }), ADA, LIFE, null);
        expect(await listed()).toEqual([]);
      });

      it('still has a login that lived on by slides, when its last write is long ago', async () => {
        await write(1, 100);
        for (let day = 0; day < 29; day += 1) {
          await readLogin(pending, loginKey(1), ADA, 25 * 60 * MINUTE);
          await pass(24 * 60 * MINUTE);
        }
        expect(await listed()).toEqual([loginKey(1)]);
      });

      it('holds 50: the 51st pushes out the oldest, and its session is over', async () => {
        for (let n = 1; n <= 50; n += 1) await write(n, 1_000 + n);
        expect(await listed()).toHaveLength(50);
        await write(51, 2_000);
        expect(await listed()).toEqual(Array.from({ length: 50 }, (_, index) => loginKey(index + 2)));
        expect(await pending.logins.has(loginKey(1))).toBe(false);
      });

      it('makes room by dropping the dead first', async () => {
        await pending.logins.write(loginKey(1), aLogin({ since: 1 }), ADA, 60 * MINUTE, null);
        for (let n = 2; n <= 50; n += 1) await write(n, n);
        await pass(LIFE + SECOND);
        for (let n = 51; n <= 60; n += 1) await write(n, n);
        expect(await listed()).toEqual([1, ...range(51, 60)].map(loginKey));
      });

      it('does not grow when a login replaces another', async () => {
        for (let n = 1; n <= 50; n += 1) await write(n, n);
        for (let n = 51; n <= 60; n += 1) await write(n, n, loginKey(n - 1));
        expect(await listed()).toEqual([...range(1, 49), 60].map(loginKey));
      });

      it('never drops the login that is being written, however old its proof', async () => {
        for (let n = 2; n <= 51; n += 1) await write(n, n);
        await write(1, 1);
        expect(await pending.logins.has(loginKey(1))).toBe(true);
        expect(await pending.logins.has(loginKey(2))).toBe(false);
        expect(await listed()).toHaveLength(50);
      });

      it('holds at most 50 when many are written at once', async () => {
        await Promise.all(range(1, 80).map((n) => write(n, n)));
        expect((await listed()).length).toBeLessThanOrEqual(50);
        await write(81, 81);
        expect(await pending.logins.has(loginKey(81))).toBe(true);
      });

      it('has no cap on half logins', async () => {
        const owed = aLogin({ state: 'owed' });
        for (const n of range(1, 60)) await pending.logins.write(loginKey(n), owed, ADA, LIFE, null);
        for (const n of range(1, 60)) expect(await pending.logins.has(loginKey(n))).toBe(true);
      });
    });

    describe('the epoch number', () => {
      const epoch = (): Promise<unknown> => pending.epochs.read(ADA);

      it('is only ever raised', async () => {
        await pending.epochs.raise(ADA, 1_700_000_000_001);
        await pending.epochs.raise(ADA, 1_700_000_000_000);
        expect(await epoch()).toBe(1_700_000_000_001);
        await pending.epochs.raise(ADA, 1_700_000_000_002);
        expect(await epoch()).toBe(1_700_000_000_002);
        expect(await pending.epochs.read(BOB)).toBeNull();
      });

      it('compares numbers and not digits', async () => {
        await pending.epochs.raise(ADA, 10);
        await pending.epochs.raise(ADA, 9);
        expect(await epoch()).toBe(10);
      });

      it('can be 0, for a user who was never stored', async () => {
        await pending.epochs.raise(ADA, 0);
        expect(await epoch()).toBe(0);
      });

      it('lives 60 s from when it was set, and neither reading nor an equal number extends that', async () => {
        await pending.epochs.raise(ADA, 5);
        await pass(40 * SECOND);
        await pending.epochs.raise(ADA, 5);
        await pending.epochs.raise(ADA, 4);
        await readLogin(pending, loginKey(0), ADA, LIFE);
        await pass(19 * SECOND);
        expect(await epoch()).toBe(5);
        await pass(2 * SECOND);
        expect(await epoch()).toBeNull();
      });

      it('lives anew when it was raised', async () => {
        await pending.epochs.raise(ADA, 5);
        await pass(40 * SECOND);
        await pending.epochs.raise(ADA, 6);
        await pass(59 * SECOND);
        expect(await epoch()).toBe(6);
      });

      it('is never set over a "?"', async () => {
        await pending.epochs.raise(ADA, 5);
        await pending.epochs.suspend(ADA);
        expect(await epoch()).toBe('?');
        await pending.epochs.raise(ADA, 1_700_000_000_000);
        expect(await epoch()).toBe('?');
      });

      it('stays a "?" for 120 s from the last change, and can then be set again', async () => {
        await pending.epochs.suspend(ADA);
        await pass(60 * SECOND);
        await pending.epochs.raise(ADA, 5);
        await pending.epochs.suspend(ADA);
        await pass(119 * SECOND);
        expect(await epoch()).toBe('?');
        await pass(2 * SECOND);
        expect(await epoch()).toBeNull();
        await pending.epochs.raise(ADA, 5);
        expect(await epoch()).toBe(5);
      });

      it('is the highest of those set at once, or "?" if one was', async () => {
        await Promise.all(range(1, 40).map((n) => pending.epochs.raise(ADA, (n * 17) % 41)));
        expect(await epoch()).toBe(40);
        await Promise.all(
          range(1, 40).map((n) =>
            n === 20 ? pending.epochs.suspend(ADA) : pending.epochs.raise(ADA, 100 + n),
          ),
        );
        expect(await epoch()).toBe('?');
      });
    });

    describe('a try counter', () => {
      it('is 0 where nothing was counted', async () => {
        expect(await pending.tries.read('a')).toEqual({ count: 0, left: 0 });
      });

      it('counts each try, and each one is told another number', async () => {
        const counts = await Promise.all(range(1, 40).map(() => pending.tries.count('a', LIFE)));
        expect(counts.toSorted((one, other) => one - other)).toEqual(range(1, 40));
        expect((await pending.tries.read('a')).count).toBe(40);
        expect((await pending.tries.read('b')).count).toBe(0);
      });

      it('is forgotten when the life that its first try gave it is over', async () => {
        await pending.tries.count('a', LIFE);
        await pass(LIFE - 2 * SECOND);
        await pending.tries.count('a', LIFE);
        const { count, left } = await pending.tries.read('a');
        expect(count).toBe(2);
        expect(left).toBeGreaterThan(0);
        expect(left).toBeLessThanOrEqual(2 * SECOND);
        await pass(3 * SECOND);
        expect(await pending.tries.read('a')).toEqual({ count: 0, left: 0 });
        expect(await pending.tries.count('a', LIFE)).toBe(1);
      });

      it('takes one back', async () => {
        await pending.tries.count('a', LIFE);
        await pending.tries.count('a', LIFE);
        await pending.tries.takeBack('a', LIFE);
        expect((await pending.tries.read('a')).count).toBe(1);
        expect(await pending.tries.count('a', LIFE)).toBe(2);
      });

      it('never goes below 0, so that no try is given away', async () => {
        await pending.tries.takeBack('a', LIFE);
        await pending.tries.takeBack('a', LIFE);
        expect(await pending.tries.read('a')).toEqual({ count: 0, left: 0 });
        await pending.tries.count('a', LIFE);
        await Promise.all(range(1, 5).map(() => pending.tries.takeBack('a', LIFE)));
        expect(await pending.tries.count('a', LIFE)).toBe(1);
      });

      it('takes one back without extending its life', async () => {
        await pending.tries.count('a', LIFE);
        await pending.tries.count('a', LIFE);
        await pass(LIFE - SECOND);
        await pending.tries.takeBack('a', LIFE);
        await pass(2 * SECOND);
        expect((await pending.tries.read('a')).count).toBe(0);
      });
    });

    describe('a code that was sent', () => {
      it('is absent where none was', async () => {
        expect(await pending.codes.read('a')).toEqual([]);
        expect(await countTryOfCode(pending, 't', LIFE, 'a')).toEqual({ count: 1, issued: [] });
      });

      it('comes back as it was noted, under its own id only', async () => {
        await pending.codes.put('a', aCode(), LIFE);
        expect(await pending.codes.read('a')).toEqual([aCode()]);
        expect(await pending.codes.read('b')).toEqual([]);
      });

      it('is told from a challenge, which comes back as it was noted too', async () => {
        const asked = [aChallenge(), aChallenge({ issuedAt: 1, userVerification: 'preferred' })] as const;
        for (const one of asked) await pending.codes.put('a', one, LIFE);
        expect(await pending.codes.read('a')).toEqual(asked);
        await pending.codes.remove('a', asked[0]);
        await pending.codes.put('a', aCode(), LIFE);
        expect(await pending.codes.read('a')).toEqual([aCode(), asked[1]]);
      });

      it('counts together with the one before it, and no other; the newest comes first', async () => {
        for (const issuedAt of [1, 2, 3]) await pending.codes.put('a', aCode({ issuedAt }), LIFE);
        expect(await pending.codes.read('a')).toEqual([aCode({ issuedAt: 3 }), aCode({ issuedAt: 2 })]);
      });

      it('is, of several that count as issued at once, among those that end last', async () => {
        const codes = [9_000, 1_000, 7_000, 8_000].map((more) =>
          aCode({ issuedAt: 1, until: 1_700_000_000_000 + more, digest: `${10_000 - more}` }),
        );
        for (const code of codes) await pending.codes.put('a', code, LIFE);
        expect(await pending.codes.read('a')).toEqual([codes[0], codes[3]]);
      });

      it('is among the newest two by when it was issued, not by when it was noted', async () => {
        for (const issuedAt of [3, 1, 2]) await pending.codes.put('a', aCode({ issuedAt }), LIFE);
        expect(await pending.codes.read('a')).toEqual([aCode({ issuedAt: 3 }), aCode({ issuedAt: 2 })]);
      });

      it('is one of two, however many are noted at once', async () => {
        const all = range(1, 20).map((issuedAt) => aCode({ issuedAt, digest: `digest ${issuedAt}` }));
        await Promise.all(all.map((code) => pending.codes.put('a', code, LIFE)));
        expect(await pending.codes.read('a')).toEqual([all[19], all[18]]);
      });

      it('stays one code when it is noted twice, as after an answer that was lost', async () => {
        await pending.codes.put('a', aCode({ issuedAt: 1 }), LIFE);
        await pending.codes.put('a', aCode({ issuedAt: 2 }), LIFE);
        await pending.codes.put('a', aCode({ issuedAt: 2 }), LIFE);
        expect(await pending.codes.read('a')).toEqual([aCode({ issuedAt: 2 }), aCode({ issuedAt: 1 })]);
      });

      it('dies when its life is over, read or not', async () => {
        await pending.codes.put('a', aCode(), LIFE);
        await pass(LIFE - SECOND);
        expect(await pending.codes.read('a')).toEqual([aCode()]);
        await countTryOfCode(pending, 't', LIFE, 'a');
        await pass(2 * SECOND);
        expect(await pending.codes.read('a')).toEqual([]);
      });

      it('can be taken out when its message could not be sent, and the one before it stays', async () => {
        await pending.codes.put('a', aCode({ issuedAt: 1 }), LIFE);
        await pending.codes.put('a', aCode({ issuedAt: 2 }), LIFE);
        await pending.codes.remove('a', aCode({ issuedAt: 2, digest: 'another' }));
        await pending.codes.remove('b', aCode({ issuedAt: 2 }));
        expect(await pending.codes.read('a')).toHaveLength(2);
        await pending.codes.remove('a', aCode({ issuedAt: 2 }));
        await pending.codes.remove('a', aCode({ issuedAt: 2 }));
        expect(await pending.codes.read('a')).toEqual([aCode({ issuedAt: 1 })]);
        await pending.codes.remove('a', aCode({ issuedAt: 1 }));
        expect(await pending.codes.read('a')).toEqual([]);
      });

      it('is read with a try that was counted before, by the same counter as every other try', async () => {
        await pending.codes.put('a', aCode(), LIFE);
        await pending.tries.count('t', LIFE);
        expect(await countTryOfCode(pending, 't', LIFE, 'a')).toEqual({ count: 2, issued: [aCode()] });
        expect((await pending.tries.read('t')).count).toBe(2);
        await pass(LIFE + SECOND);
        expect(await countTryOfCode(pending, 't', LIFE, 'a')).toEqual({ count: 1, issued: [] });
      });

      it('is read by many at once, each with a count of its own', async () => {
        await pending.codes.put('a', aCode(), LIFE);
        const all = await Promise.all(range(1, 40).map(() => countTryOfCode(pending, 't', LIFE, 'a')));
        expect(all.map(({ count }) => count).toSorted((one, other) => one - other)).toEqual(range(1, 40));
        for (const { issued } of all) expect(issued).toEqual([aCode()]);
      });

      it('leaves the tries as they are when a new one is noted (NIST SP 800-63B-4 §3.1.3.2)', async () => {
        await pending.tries.count('a', LIFE);
        await pending.codes.put('a', aCode(), LIFE);
        expect((await pending.tries.read('a')).count).toBe(1);
      });

      it('cannot be changed through what was given or read', async () => {
        const given = { ...aCode() };
        await pending.codes.put('a', given, LIFE);
        Object.assign(given, { digest: 'changed' });
        Object.assign((await pending.codes.read('a'))[0] as object, { digest: 'changed' });
        expect(await pending.codes.read('a')).toEqual([aCode()]);
      });
    });

    describe('a budget', () => {
      const five = aBudget({ points: 5, ms: HOUR });
      /** How many can still be taken. Takes them. */
      const left = async (budget: Budget): Promise<number> => {
        let taken = 0;
        while ((await pending.budgets.take([budget])).ok) taken += 1;
        return taken;
      };

      it('gives what it holds and then says how long it is until there is more', async () => {
        expect(await left(five)).toBe(5);
        await pass(20 * MINUTE);
        const refused = await pending.budgets.take([five]);
        expect(refused).toMatchObject({ ok: false, name: five.name });
        expect(waitOf(refused)).toBeGreaterThan(39 * MINUTE);
        expect(waitOf(refused)).toBeLessThanOrEqual(40 * MINUTE);
      });

      it('is full again when its time is over, however often it was asked meanwhile', async () => {
        expect(await left(five)).toBe(5);
        await pass(HOUR - SECOND);
        expect(await left(five)).toBe(0);
        await pass(2 * SECOND);
        expect(await left(five)).toBe(5);
      });

      it('counts apart by its name and by its id', async () => {
        expect(await left(five)).toBe(5);
        expect(await left({ ...five, name: 'ip' })).toBe(5);
        expect(await left({ ...five, id: 'digest-of-bob' })).toBe(5);
      });

      it.each([
        ['one budget', [five]],
        ['several', [five, aBudget({ name: 'ip', points: 20 }), aBudget({ name: 'app', points: 2_000 })]],
      ] as const)('gives 5 of 50 who ask at once: %s', async (_, budgets) => {
        const all = await Promise.all(range(1, 50).map(() => pending.budgets.take(budgets)));
        expect(all.filter(({ ok }) => ok)).toHaveLength(5);
      });

      it('is left as it was by one that was refused for another, also at once', async () => {
        const ip = aBudget({ name: 'ip', points: 20, ms: HOUR });
        const app = aBudget({ name: 'app', points: 100, ms: HOUR });
        expect(await left(five)).toBe(5);
        await Promise.all(range(1, 19).map(() => pending.budgets.take([ip, five, app])));
        expect(await left(ip)).toBe(20);
        expect(await left(app)).toBe(100);
      });

      it('lives no longer for what was taken and given back', async () => {
        const one = aBudget({ name: 'cooldown', points: 1, ms: MINUTE });
        await pending.budgets.take([five]);
        await pass(59 * MINUTE);
        await pending.budgets.take([one]);
        await pending.budgets.take([five, one]);
        await pass(MINUTE + SECOND);
        expect(await left(five)).toBe(5);
      });

      it('is named by the one that must be waited for longest, of those used up', async () => {
        const short = aBudget({ name: 'cooldown', points: 1, ms: 30 * SECOND });
        const long = aBudget({ name: 'user', points: 1, ms: HOUR });
        const free = aBudget({ name: 'app', points: 9, ms: 24 * HOUR });
        await pending.budgets.take([short, long, free]);
        for (const order of [
          [short, long, free],
          [long, free, short],
        ]) {
          const refused = await pending.budgets.take(order);
          expect(refused).toMatchObject({ ok: false, name: 'user' });
          expect(waitOf(refused)).toBeGreaterThan(HOUR - MINUTE);
        }
        expect(await left(free)).toBe(8);
        await pass(31 * SECOND);
        expect(await pending.budgets.take([short])).toEqual({ ok: true });
      });

      it('gets back what could not be used', async () => {
        expect(await left(five)).toBe(5);
        await pending.budgets.giveBack([five, aBudget({ name: 'ip' })]);
        expect(await left(five)).toBe(1);
      });

      it('never holds more than its points, whatever is given back', async () => {
        await pending.budgets.giveBack([five]);
        await pending.budgets.take([five]);
        await Promise.all(range(1, 9).map(() => pending.budgets.giveBack([five])));
        expect(await left(five)).toBe(5);
      });

      it('that is forgotten is not made again by what is given back', async () => {
        await pending.budgets.take([five]);
        await pass(HOUR + SECOND);
        await pending.budgets.giveBack([five]);
        expect(await left(five)).toBe(5);
      });

      it('goes by its new points where they were changed', async () => {
        await Promise.all(range(1, 4).map(() => pending.budgets.take([five])));
        expect(await pending.budgets.take([{ ...five, points: 3 }])).toMatchObject({ ok: false });
        expect(await left({ ...five, points: 6 })).toBe(2);
      });

      it('of no points gives nothing, and takes no time under a second for none at all', async () => {
        const none = await pending.budgets.take([aBudget({ points: 0, ms: MINUTE })]);
        expect(none).toMatchObject({ ok: false });
        expect(waitOf(none)).toBeGreaterThan(59 * SECOND);
        const brief = aBudget({ points: 1, ms: 1 });
        expect(await pending.budgets.take([brief])).toEqual({ ok: true });
        expect(await pending.budgets.take([brief])).toMatchObject({ ok: false });
        await pass(2 * SECOND);
        expect(await pending.budgets.take([brief])).toEqual({ ok: true });
      });

      it('need not be asked at all', async () => {
        expect(await pending.budgets.take([])).toEqual({ ok: true });
        await expect(pending.budgets.giveBack([])).resolves.toBeUndefined();
      });
    });

    describe('a set-up', () => {
      it('is the first that was put, for everybody who puts one', async () => {
        expect(await pending.setups.get('a')).toBeNull();
        const values = await Promise.all(
          range(1, 20).map((n) => pending.setups.put('a', `value ${n}`, LIFE)),
        );
        expect(new Set(values).size).toBe(1);
        expect(await pending.setups.get('a')).toBe(values[0]);
        expect(await pending.setups.put('b', 'other', LIFE)).toBe('other');
      });

      it('ends with the life that it was given first', async () => {
        await pending.setups.put('a', 'one', LIFE);
        await pass(LIFE - SECOND);
        expect(await pending.setups.put('a', 'two', LIFE)).toBe('one');
        await pass(2 * SECOND);
        expect(await pending.setups.get('a')).toBeNull();
        expect(await pending.setups.put('a', 'three', LIFE)).toBe('three');
      });

      it('can be removed, and another one put', async () => {
        await pending.setups.put('a', 'one', LIFE);
        await pending.setups.remove('a');
        await pending.setups.remove('a');
        expect(await pending.setups.get('a')).toBeNull();
        expect(await pending.setups.put('a', 'two', LIFE)).toBe('two');
      });

      it('may be empty or long text', async () => {
        const long = '👩‍🚀'.repeat(5_000);
        expect(await pending.setups.put('a', '', LIFE)).toBe('');
        expect(await pending.setups.get('a')).toBe('');
        expect(await pending.setups.put('b', long, LIFE)).toBe(long);
      });
    });

    it('keeps its kinds of entries apart where their names are equal', async () => {
      const same = 'same';
      await pending.logins.write(same as LoginKey, aLogin(), same as UserKey, LIFE, null);
      await pending.epochs.raise(same as UserKey, 5);
      await pending.tries.count(same, LIFE);
      await pending.setups.put(same, 'set-up', LIFE);
      await pending.codes.put(same, aCode(), LIFE);
      await pending.budgets.take([aBudget({ name: 'user', id: same, points: 1 })]);
      expect(await readLogin(pending, same as LoginKey, same as UserKey, null)).toEqual({
        login: aLogin(),
        epoch: 5,
      });
      expect(await pending.logins.list(same as UserKey)).toHaveLength(1);
      expect((await pending.tries.read(same)).count).toBe(1);
      expect(await pending.setups.get(same)).toBe('set-up');
      expect(await pending.codes.read(same)).toEqual([aCode()]);
      expect(await pending.budgets.take([aBudget({ name: 'user', id: same, points: 2 })])).toEqual({
        ok: true,
      });
    });

    it('takes a life that has a fraction, or that is over already', async () => {
      await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE + 0.4, null);
      await readLogin(pending, loginKey(1), ADA, LIFE - 0.4);
      expect(await pending.logins.has(loginKey(1))).toBe(true);
      await readLogin(pending, loginKey(1), ADA, -5);
      await pass(SECOND);
      expect(await pending.logins.has(loginKey(1))).toBe(false);
    });

    it('closes', async () => {
      await expect(pending.close()).resolves.toBeUndefined();
    });
  });
}

/** The record of a session and the number of its user, as every request asks for them: in one tick. */
export async function readLogin(
  { logins, epochs }: Pending,
  key: LoginKey,
  user: UserKey | null,
  slideTo: number | null,
  usedAt?: number,
): Promise<{ login: Login | null; epoch: EpochNumber }> {
  const [login, epoch] = await Promise.all([
    logins.read(key, slideTo, usedAt),
    user === null ? null : epochs.read(user),
  ]);
  return { login, epoch };
}

/** In no key of any store. */
export const USER_ID = 'ada.lovelace@example.com' as UserId;
export const ADA = 'digest-of-ada' as UserKey;
export const BOB = 'digest-of-bob' as UserKey;
export const loginKey = (n: number): LoginKey => `digest-of-session-${n}` as LoginKey;

export function aLogin(change: Partial<Login> = {}): Login {
  return {
    userId: USER_ID,
    state: 'passed',
    epoch: 1_700_000_000_000,
    loginId: 'login-1',
    proofs: [{ type: 'totp', factorId: 'factor-1' as FactorId, at: 1_700_000_000_123 }],
    types: ['totp'],
    since: 1_700_000_000_123,
    ...change,
  };
}

export const aCode = (change: Partial<SentCode> = {}): SentCode => ({
  kind: 'code',
  digest: 'digest-of-code',
  factorId: 'factor-1',
  issuedAt: 1_700_000_000_123,
  until: 1_700_000_300_123,
  sends: 1,
  reference: '',
  ...change,
});

export const aChallenge = (change: Partial<KeyChallenge> = {}): KeyChallenge => ({
  kind: 'challenge',
  digest: 'digest-of-challenge',
  issuedAt: 1_700_000_000_123,
  until: 1_700_000_300_123,
  userVerification: 'required',
  ...change,
});

export const aBudget = (change: Partial<Budget> = {}): Budget => ({
  name: 'user',
  id: 'digest-of-ada',
  points: 5,
  ms: HOUR,
  ...change,
});

const waitOf = (taken: Taken): number => (taken.ok ? 0 : taken.waitMs);

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
