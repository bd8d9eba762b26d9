import { type ActivityEntry, type ActivityStore, MOST_ENTRIES } from '../../lib/stores/activity';
import { timeOrderedId } from '../../lib/stores/time-ordered-id';
import { ODD_IDS, userId } from './accounts.contract';

export interface ActivitySubject {
  /** Empty, and nobody else's. It keeps entries for 90 days. */
  readonly activity: ActivityStore;
  /** Makes everything stored so much older, ms. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

const DAY = 86_400_000;
const ada = userId('ada');
const bob = userId('bob');

/** What every activity store must do. `open` is called before each test. */
export function activityContract(name: string, open: () => Promise<ActivitySubject>): void {
  describe(`${name}, as ActivityStore`, () => {
    let subject: ActivitySubject;
    let activity: ActivityStore;
    beforeEach(async () => {
      subject = await open();
      activity = subject.activity;
    });
    afterEach(() => subject.close());

    const all = (user = ada, limit = 5_000) => activity.list(user, { limit });
    const appendAll = async (entries: readonly ActivityEntry[]) => {
      for (let at = 0; at < entries.length; at += 20) {
        await Promise.all(entries.slice(at, at + 20).map((entry) => activity.append(entry)));
      }
    };

    it('has nothing of a user to whom nothing happened', async () => {
      expect(await all()).toEqual([]);
    });

    it('gives back each entry as it was', async () => {
      const whole = anEntry({
        at: 1,
        name: 'login.completed',
        type: 'webauthn',
        label: '=1+1 "Účet"\n$set',
        loginId: 'login',
        browser: { browser: 'Chrome', system: 'Windows' },
        address: '2001:db8::7',
        byApp: true,
        requestId: 'request',
      });
      const bare = anEntry({ at: 2, browser: null, address: null });
      await activity.append(whole);
      await activity.append(bare);
      expect(await all()).toEqual([bare, whole]);
    });

    it('sorts them by id, the newest first, in whatever order they come', async () => {
      const entries = [5, 1, 4, 2, 3].map((at) => anEntry({ at }));
      for (const entry of entries) await activity.append(entry);
      expect((await all()).map(minute)).toEqual([5, 4, 3, 2, 1]);
    });

    it('keeps all of those that come at the same moment', async () => {
      const entries = manyEntries(60);
      await Promise.all(entries.map((entry) => activity.append(entry)));
      expect(await all()).toEqual(entries.toReversed());
    });

    it('gives page after page, each entry once', async () => {
      const entries = manyEntries(23);
      await appendAll(entries);
      const seen: ActivityEntry[] = [];
      for (let page = 0; page < 5; page += 1) {
        const last = seen.at(-1)?.id;
        const found = await activity.list(ada, { limit: 5, ...(last !== undefined && { before: last }) });
        expect(found).toHaveLength(page < 4 ? 5 : 3);
        seen.push(...found);
      }
      expect(seen).toEqual(entries.toReversed());
      expect(await activity.list(ada, { limit: 5, before: seen.at(-1)?.id ?? '' })).toEqual([]);
    });

    it('reads on before an id that is not there, or not any more', async () => {
      await appendAll([1, 3].map((at) => anEntry({ at })));
      const found = await activity.list(ada, { limit: 5, before: anEntry({ at: 2 }).id });
      expect(found.map(minute)).toEqual([1]);
    });

    it('gives the same page whatever lies between its entries: an hour, a day, a month', async () => {
      const ages = [0, 30, 90, 500, 5_000, 35_000, 60_000, 100_000, 120_000];
      const entries = ages.map((age) => anEntry({ at: -age }));
      await appendAll(entries);
      for (const limit of [1, 2, 4, 5, 6, 7, 8, 9, 10, 200]) {
        expect(ids(await activity.list(ada, { limit }))).toEqual(ids(entries.slice(0, limit)));
        const before = entries[2]?.id;
        expect(ids(await activity.list(ada, { limit, before }))).toEqual(ids(entries.slice(3, 3 + limit)));
      }
      expect(ids(await activity.list(ada, { limit: 2, before: 'no id of ours' }))).toEqual(
        ids(entries.slice(0, 2)),
      );
    });

    it('picks those about one kind of proof', async () => {
      await appendAll([
        anEntry({ at: 1, type: 'totp' }),
        anEntry({ at: 2, type: 'webauthn' }),
        anEntry({ at: 3 }),
        anEntry({ at: 4, type: 'totp' }),
      ]);
      const ofTotp = await activity.list(ada, { limit: 5, type: 'totp' });
      expect(ofTotp.map(minute)).toEqual([4, 1]);
      const before = ofTotp[0]?.id ?? '';
      expect(await activity.list(ada, { limit: 5, type: 'totp', before })).toEqual([ofTotp[1]]);
      expect(await activity.list(ada, { limit: 5, type: 'otp-sms' })).toEqual([]);
    });

    it('stores an entry once, however often it is given', async () => {
      const [first, second] = [anEntry({ at: 1 }), anEntry({ at: 2 })];
      await Promise.all([first, first, second, first].map((entry) => activity.append(entry)));
      await activity.append(first);
      expect(await all()).toEqual([second, first]);
    });

    it('keeps the newest 1 000 of a user', async () => {
      const entries = manyEntries(MOST_ENTRIES + 25);
      await appendAll(entries);
      await activity.append(anEntry({ userId: bob, at: 1 }));
      expect(ids(await all())).toEqual(ids(entries.slice(25).toReversed()));
      expect(await all(bob)).toHaveLength(1);
    }, 120_000);

    it('shows nobody the entries of others, whatever they are called', async () => {
      const users = [...new Set([...ODD_IDS, '1', '01', '0:1', 'Ada', 'ada', 'ada '])].map(userId);
      for (const [at, user] of users.entries()) await activity.append(anEntry({ userId: user, at }));
      for (const [at, user] of users.entries())
        expect((await all(user)).map((entry) => [entry.userId, minute(entry)])).toEqual([[user, at]]);
    });

    it('deletes all of one user, and of nobody else', async () => {
      await appendAll([...manyEntries(30), anEntry({ userId: bob, at: 1 })]);
      await activity.remove(ada);
      await activity.remove(userId('nobody'));
      expect(await all()).toEqual([]);
      expect(await all(bob)).toHaveLength(1);
      const later = anEntry({ at: 99 });
      await activity.append(later);
      expect(await all()).toEqual([later]);
    });

    it('shows nothing that is older than what it keeps', async () => {
      await activity.append(anEntry({ at: 0 }));
      await subject.pass(60 * DAY);
      await activity.append(anEntry({ at: (60 * DAY) / MINUTE, name: 'login.owed' }));
      expect(await all()).toHaveLength(2);
      await subject.pass(31 * DAY);
      expect((await all()).map((entry) => entry.name)).toEqual(['login.owed']);
      expect(activity.keep).toBe(90 * DAY);
    });

    it('is not changed by what callers do to the objects they gave or got', async () => {
      const given = { ...anEntry({ at: 1, label: 'Phone' }) };
      await activity.append(given);
      Reflect.set(given, 'label', 'spoilt');
      for (const entry of await all()) Reflect.set(entry, 'label', 'spoilt');
      expect((await all()).map(({ label }) => label)).toEqual(['Phone']);
    });
  });
}

let count = 0;
const MINUTE = 60_000;
const START = Date.now();
const minute = ({ at }: ActivityEntry): number => (at - START) / MINUTE;

/** What happened to ada, unless it says to whom; `at` in minutes. */
export function anEntry(more: Partial<ActivityEntry> & Pick<ActivityEntry, 'at'>): ActivityEntry {
  const at = START + more.at * MINUTE;
  return {
    id: timeOrderedId(at, (count += 1)),
    userId: ada,
    name: 'proof.refused',
    result: 'refused',
    browser: null,
    address: '203.0.113.7',
    ...more,
    at,
  };
}

/** In the order in which they happened. */
export const manyEntries = (many: number): ActivityEntry[] =>
  Array.from({ length: many }, (_, at) => anEntry({ at }));

const ids = (entries: readonly ActivityEntry[]): string[] => entries.map(({ id }) => id);
