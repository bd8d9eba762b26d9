import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Account, Rev, Sealed, UserId, WebauthnFactor } from '../../lib/account/account';
import { dueIn, withDueAt } from '../../lib/account/outbox';
import type { RequestState } from '../../lib/account/recovery';
import { isListed, type RequestFilter, requestsIn } from '../../lib/account/requests-among';
import type { Accounts } from '../../lib/stores/contracts';
import { aRequest } from '../recovery/a-request';
import { signing } from '../support/signing';

export interface AccountsSubject {
  /** Empty, and nobody else's. */
  readonly accounts: Accounts;
  close(): Promise<void>;
}

export interface AccountsContractOptions {
  /** How often each race is run. */
  readonly rounds?: number;
}

const WRITERS = 64;
const RIVALS = 20;
const taken = { code: 'duplicate', status: 409 };

/** What every account store must do. `open` is called before each test. */
export function accountsContract(
  name: string,
  open: () => Promise<AccountsSubject>,
  { rounds = process.env.TEST_LONG ? 50 : 10 }: AccountsContractOptions = {},
): void {
  describe(`${name}, as Accounts`, () => {
    let subject: AccountsSubject;
    let accounts: Accounts;
    beforeEach(async () => {
      subject = await open();
      accounts = subject.accounts;
    });
    afterEach(() => subject.close());

    it('has no account of a user who was never stored', async () => {
      expect(await accounts.load(userId('nobody'))).toBeNull();
    });

    it('gives back what was stored', async () => {
      const account = anAccount(userId('ada'));
      expect(await accounts.save(account, null)).toBe(true);
      expect(await accounts.load(account.userId)).toEqual(account);
    });

    it('stores over the state that was loaded, and over no other', async () => {
      const first = anAccount(userId('ada'));
      const second = { ...next(first), epoch: 7 };
      await accounts.save(first, null);
      expect(await accounts.save(second, first.rev)).toBe(true);
      expect(await accounts.save({ ...next(first), epoch: 8 }, first.rev)).toBe(false);
      expect(await accounts.load(first.userId)).toEqual(second);
    });

    it('stores a first account only where there is none', async () => {
      const first = anAccount(userId('ada'));
      await accounts.save(first, null);
      expect(await accounts.save(next(first), null)).toBe(false);
      expect(await accounts.load(first.userId)).toEqual(first);
    });

    it('never stores a removed account again by accident', async () => {
      const account = anAccount(userId('ada'));
      await accounts.save(account, null);
      await accounts.remove(account.userId);
      expect(await accounts.load(account.userId)).toBeNull();
      expect(await accounts.save(next(account), account.rev)).toBe(false);
      expect(await accounts.load(account.userId)).toBeNull();
    });

    it('can store a removed account anew', async () => {
      const account = anAccount(userId('ada'));
      await accounts.save(account, null);
      await accounts.remove(account.userId);
      expect(await accounts.save(next(account), null)).toBe(true);
    });

    it('removes an account that is not there without an error', async () => {
      await expect(accounts.remove(userId('nobody'))).resolves.toBeUndefined();
    });

    it(`lets exactly one of ${WRITERS} parallel writers win, and keeps what that one wrote`, async () => {
      let before = anAccount(userId('ada'));
      await accounts.save(before, null);
      for (let round = 0; round < rounds; round += 1) {
        const { winners, stored } = await race(before, before.rev);
        expect(winners).toEqual([stored]);
        before = stored;
      }
    });

    it(`lets exactly one of ${WRITERS} parallel writers store the first account`, async () => {
      for (let round = 0; round < rounds; round += 1) {
        const { winners, stored } = await race(anAccount(userId(`user ${round}`)), null);
        expect(winners).toEqual([stored]);
      }
    });

    it('lets one writer win while the account is removed, or none', async () => {
      const winners: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const account = anAccount(userId(`user ${round}`));
        await accounts.save(account, null);
        const [saved] = await Promise.all([race(account, account.rev), accounts.remove(account.userId)]);
        winners.push(saved.winners.length);
        expect(await accounts.load(account.userId)).toBeNull();
      }
      expect(winners.every((count) => count <= 1)).toBe(true);
    });

    it('keeps fields that it does not know, at the top and further in', async () => {
      const account = {
        ...anAccount(userId('ada')),
        later: { list: [{ a: 1 }, 'b', null], text: '$set', 'a.b': true },
        lanes: { ...anAccount(userId('ada')).lanes, extra: { left: 3, at: 4, wrong: 5, note: 'kept' } },
      };
      await accounts.save(account, null);
      const loaded = await accounts.load(account.userId);
      expect(loaded).toEqual(account);
      const changed = { ...must(loaded), rev: randomRev() };
      await accounts.save(changed, account.rev);
      expect(await accounts.load(account.userId)).toEqual({ ...account, rev: changed.rev });
    });

    it('gives back every value as it was: a MAC over all of it still fits', async () => {
      const signed = signing(accounts);
      let over: Rev | null = null;
      const odd = {
        10: 'a',
        9: 'b',
        B: 1,
        a: [2 ** 40, -0, 1e21, 5e-324, 0.1, 2 ** 53 - 1, null, undefined],
      };
      for (const later of [odd, ...fc.sample(anything, 50)]) {
        const account = { ...anAccount(userId('ada')), handle: 'handle', later };
        expect(await signed.save(account, over)).toBe(true);
        over = account.rev;
        await expect(signed.load(account.userId)).resolves.toMatchObject({ rev: account.rev });
        await expect(signed.findByHandle('handle')).resolves.toMatchObject({ rev: account.rev });
      }
      for await (const { authenticity } of signed.inspect()) expect(authenticity).toBe('genuine');
    });

    it('is not changed by what callers do to the objects they gave or got', async () => {
      const given = structuredClone(anAccount(userId('ada')));
      const original = structuredClone(given);
      await accounts.save(given, null);
      spoil(given);
      expect(await accounts.load(original.userId)).toEqual(original);
      spoil(must(await accounts.load(original.userId)));
      expect(await accounts.load(original.userId)).toEqual(original);
    });

    it.each(ODD_IDS)('takes any text for a user id: %j', async (text) => {
      const account = anAccount(userId(text));
      await accounts.save(anAccount(userId('somebody else')), null);
      expect(await accounts.load(account.userId)).toBeNull();
      expect(await accounts.save(account, null)).toBe(true);
      const second = next(account);
      expect(await accounts.save(second, account.rev)).toBe(true);
      expect(await accounts.load(account.userId)).toEqual(second);
      await accounts.remove(account.userId);
      expect(await accounts.load(account.userId)).toBeNull();
      expect(await accounts.load(userId('somebody else'))).not.toBeNull();
    });

    it('does not take one user id for another', async () => {
      const ids = ['ada', 'Ada', 'ada ', ' ada', 'a\u0301', '\u00e1', '1', '01'];
      for (const id of ids) await accounts.save(anAccount(userId(id)), null);
      for (const id of ids) expect((await accounts.load(userId(id)))?.userId).toBe(id);
    });

    it('finds an account by its user handle, as long as it has that one', async () => {
      const account = { ...anAccount(userId('ada')), handle: 'handle-1' };
      await accounts.save(account, null);
      await accounts.save(anAccount(userId('without one')), null);
      expect(await accounts.findByHandle('handle-1')).toEqual(account);
      expect(await accounts.findByHandle('handle-2')).toBeNull();

      const moved = { ...account, rev: randomRev(), handle: 'handle-2' };
      await accounts.save(moved, account.rev);
      expect(await accounts.findByHandle('handle-1')).toBeNull();
      expect(await accounts.findByHandle('handle-2')).toEqual(moved);

      await accounts.remove(account.userId);
      expect(await accounts.findByHandle('handle-2')).toBeNull();
    });

    it('lets no two users have one key: the second is refused by name, and the first keeps it', async () => {
      const ann = withKey(anAccount(userId('ann')), 'key-1', 'handle-a');
      await accounts.save(ann, null);
      const there = anAccount(userId('bob'));
      await accounts.save(there, null);
      const asFirst = withKey(anAccount(userId('cyd')), 'key-1', 'handle-c');
      await expect(accounts.save(asFirst, null)).rejects.toMatchObject(taken);
      const asNext = withKey(next(there), 'key-1', 'handle-b');
      await expect(accounts.save(asNext, there.rev)).rejects.toMatchObject(taken);
      const behindOthers = withKey(withKey(next(there), 'key-2', 'handle-b'), 'key-1', 'handle-b');
      await expect(accounts.save(behindOthers, there.rev)).rejects.toMatchObject(taken);

      expect(await accounts.load(ann.userId)).toEqual(ann);
      expect(await accounts.load(there.userId)).toEqual(there);
      expect(await accounts.load(asFirst.userId)).toBeNull();
      // What was refused has taken nothing.
      expect(await accounts.findByHandle('handle-b')).toBeNull();
      expect(await accounts.save(withKey(next(there), 'key-2', 'handle-b'), there.rev)).toBe(true);
    });

    it('lets no two users have one handle', async () => {
      const ann = withKey(anAccount(userId('ann')), 'key-1', 'handle-a');
      await accounts.save(ann, null);
      const bob = withKey(anAccount(userId('bob')), 'key-2', 'handle-a');
      await expect(accounts.save(bob, null)).rejects.toMatchObject(taken);
      expect(await accounts.findByHandle('handle-a')).toEqual(ann);
      expect(await accounts.load(bob.userId)).toBeNull();
    });

    it('lets a user keep a key over any number of saves, and give it up', async () => {
      let ann = withKey(anAccount(userId('ann')), 'key-1', 'handle-a');
      await accounts.save(ann, null);
      for (let epoch = 2; epoch < 6; epoch += 1) {
        const after = { ...next(ann), epoch };
        expect(await accounts.save(after, ann.rev)).toBe(true);
        ann = after;
      }
      const more = withKey(next(ann), 'key-2', 'handle-a');
      expect(await accounts.save(more, ann.rev)).toBe(true);
      const bob = withKey(anAccount(userId('bob')), 'key-2', 'handle-b');
      await expect(accounts.save(bob, null)).rejects.toMatchObject(taken);

      const without = { ...next(more), factors: ann.factors };
      expect(await accounts.save(without, more.rev)).toBe(true);
      expect(await accounts.save(bob, null)).toBe(true);
      await accounts.remove(ann.userId);
      const cyd = withKey(anAccount(userId('cyd')), 'key-1', 'handle-a');
      expect(await accounts.save(cyd, null)).toBe(true);
      expect(await accounts.findByHandle('handle-a')).toEqual(cyd);
    });

    it('lets any number of users have no key and no handle', async () => {
      for (const id of ['a', 'b', 'c']) {
        expect(await accounts.save({ ...anAccount(userId(id)), factors: [] }, null)).toBe(true);
      }
    });

    it('does not take a key of capitals for one without', async () => {
      await accounts.save(withKey(anAccount(userId('ann')), 'Key-1', 'Handle'), null);
      const bob = withKey(anAccount(userId('bob')), 'key-1', 'handle');
      expect(await accounts.save(bob, null)).toBe(true);
      expect(await accounts.findByHandle('handle')).toEqual(bob);
    });

    it(`lets exactly one of ${RIVALS} users who add one key at once have it`, async () => {
      for (let round = 0; round < rounds; round += 1) {
        // Half of them have an account already.
        const rivals = Array.from({ length: RIVALS }, (_, at) => anAccount(userId(`user ${round} ${at}`)));
        const old = rivals.filter((_, at) => at % 2 === 0);
        await Promise.all(old.map((account) => accounts.save(account, null)));
        const wanted = rivals.map((account, at) =>
          withKey(old.includes(account) ? next(account) : account, `key ${round}`, `handle ${round} ${at}`),
        );
        const outcomes = await Promise.all(
          wanted.map((account, at) => {
            const over = at % 2 === 0 ? (rivals[at]?.rev ?? null) : null;
            return accounts.save(account, over).catch((error: unknown) => error);
          }),
        );
        expect(outcomes.filter((outcome) => outcome === true)).toHaveLength(1);
        for (const outcome of outcomes.filter((one) => one !== true)) expect(outcome).toMatchObject(taken);
        const winner = wanted[outcomes.indexOf(true)];
        const stored = await Promise.all(rivals.map((account) => accounts.load(account.userId)));
        const holders = stored.filter((account) => account?.factors.some(({ type }) => type === 'webauthn'));
        expect(holders).toEqual([winner]);
      }
    });

    it('goes through all accounts, each once', async () => {
      const stored = Array.from({ length: 250 }, (_, index) => anAccount(userId(`user ${index}`)));
      for (let at = 0; at < stored.length; at += 50) {
        await Promise.all(stored.slice(at, at + 50).map((account) => accounts.save(account, null)));
      }
      const seen: Account[] = [];
      for await (const account of accounts.all()) seen.push(account);
      expect(seen.toSorted(byUser)).toEqual(stored.toSorted(byUser));
    });

    it('lets the walk through all accounts be broken off', async () => {
      for (const id of ['a', 'b', 'c']) await accounts.save(anAccount(userId(id)), null);
      let seen = 0;
      for await (const account of accounts.all()) {
        expect(account.epoch).toBe(1);
        seen += 1;
        break;
      }
      expect(seen).toBe(1);
      expect(await accounts.load(userId('a'))).not.toBeNull();
    });

    it('finds the users for whom something is due, the earliest first, and none for whom nothing is', async () => {
      const due = async (now: number): Promise<UserId[]> => {
        const found: UserId[] = [];
        for await (const id of dueIn(accounts, now)) found.push(id);
        return found;
      };
      const at = { late: 3_000, early: 1_000, between: 2_000 };
      for (const [id, dueAt] of Object.entries(at))
        await accounts.save({ ...anAccount(userId(id)), dueAt }, null);
      const never = anAccount(userId('never'));
      await accounts.save(never, null);
      expect(await due(999)).toEqual([]);
      expect(await due(2_000)).toEqual(['early', 'between']);
      expect(await due(3_000)).toEqual(['early', 'between', 'late']);

      const early = must(await accounts.load(userId('early')));
      const { dueAt: _, ...done } = next(early);
      await accounts.save(done, early.rev);
      await accounts.save({ ...next(never), dueAt: 500 }, never.rev);
      expect(await due(2_000)).toEqual(['never', 'between']);
    });

    it('finds who has a request for access: what is open by when it is due, a reference, a state that is over', async () => {
      const found = async (filter: RequestFilter): Promise<UserId[]> => {
        const users: UserId[] = [];
        const all = requestsIn(accounts, filter);
        for await (const { userId: id } of all) users.push(id);
        return users;
      };
      const has = (id: string, state: RequestState, dueAt: number, more: Partial<Account> = {}) =>
        accounts.save(
          withDueAt(
            {
              ...anAccount(userId(id)),
              recoveries: [aRequest(state, { reference: `RA-${id}`, dueAt })],
              ...more,
            },
            0,
          ),
          null,
        );
      await has('c', 'in_review', 2_000);
      await has('b', 'in_review', 2_000);
      await has('a', 'started', 3_000);
      await has('held', 'on_hold', 0);
      await has('over', 'rejected', 500);
      await has('nobody', 'in_review', 1_000, { shadowUntil: 9_000 });
      await accounts.save(anAccount(userId('none')), null);

      expect(await found({})).toEqual(['held', 'b', 'c', 'a']);
      expect(await found({ state: 'in_review' })).toEqual(['b', 'c']);
      expect(await found({ after: { dueAt: 2_000, userId: userId('b') } })).toEqual(['c', 'a']);
      expect(await found({ state: 'in_review', after: { dueAt: 2_000, userId: userId('b') } })).toEqual([
        'c',
      ]);
      expect(await found({ state: 'rejected' })).toEqual(['over']);
      expect(await found({ state: 'expired' })).toEqual([]);
      expect(await found({ reference: 'RA-over' })).toEqual(['over']);
      expect(await found({ reference: 'RA-nobody' })).toEqual([]);
      expect(await found({ reference: { $ne: '' } as never })).toEqual([]);
    });

    it('finds requests in the order in which they are due, however far off that is, from each of them on', async () => {
      const [minute, day] = [60_000, 86_400_000];
      const now = Date.now();
      const dueAt = [
        0,
        5,
        now - day,
        now - 1,
        now + minute,
        now + 0.5 * day,
        now + 0.5 * day,
        now + 20 * day,
      ];
      const later = [now + 20 * day + 0.5, now + 300 * day, now + 5_000 * day];
      const users: UserId[] = [];
      for (const [nth, at] of [...dueAt, ...later].entries()) {
        const id = userId(`user ${nth + 10}`);
        users.push(id);
        const openRequest = { state: 'in_review' as const, dueAt: at };
        await accounts.save({ ...anAccount(id), recoveries: [aRequest('in_review')], openRequest }, null);
      }
      const found = async (filter: RequestFilter): Promise<UserId[]> => {
        const ids: UserId[] = [];
        const all = requestsIn(accounts, filter);
        for await (const { userId: id } of all) ids.push(id);
        return ids;
      };
      expect(await found({})).toEqual(users);
      expect(await found({ state: 'in_review' })).toEqual(users);
      for (const [nth, at] of [...dueAt, ...later].entries()) {
        const after = { dueAt: at, userId: userId(`user ${nth + 10}`) };
        expect(await found({ after })).toEqual(users.slice(nth + 1));
        expect(await found({ state: 'in_review', after })).toEqual(users.slice(nth + 1));
      }
    });

    it('finds as many of them as are asked for', async () => {
      for (let user = 0; user < 250; user += 1)
        await accounts.save({ ...anAccount(userId(`user ${user}`)), dueAt: user }, null);
      const found: UserId[] = [];
      for await (const id of dueIn(accounts, 1_000)) {
        found.push(id);
        if (found.length === 120) break;
      }
      expect(found).toEqual(Array.from({ length: 120 }, (_, user) => `user ${user}`));
    });

    it('finds requests for access, what is due first before the rest, from any place on', async () => {
      const withOne = (id: string, state: RequestState, dueAt: number | null, given: Partial<Account> = {}) =>
        accounts.save(
          {
            ...anAccount(userId(id)),
            recoveries: [{ ...aRequest(state), reference: `RA-${id}`, dueAt }],
            ...(isListed(state) && { openRequest: { state, dueAt: dueAt ?? 0 } }),
            ...given,
          },
          null,
        );
      await withOne('b', 'in_review', 20);
      await withOne('a', 'in_review', 20);
      await withOne('late', 'awaiting_evidence', 30);
      await withOne('held', 'on_hold', null);
      for (const id of ['x', 'y', 'z']) await withOne(id, 'completed', null);
      await withOne('shadow', 'rejected', null, { shadowUntil: 9 });
      await accounts.save(anAccount(userId('nothing')), null);
      const found = async (filter: RequestFilter): Promise<UserId[]> => {
        const ids: UserId[] = [];
        const all = requestsIn(accounts, filter);
        for await (const { userId: id } of all) ids.push(id);
        return ids;
      };
      expect(await found({})).toEqual(['held', 'a', 'b', 'late']);
      expect(await found({ after: { dueAt: 20, userId: userId('a') } })).toEqual(['b', 'late']);
      expect(await found({ state: 'in_review' })).toEqual(['a', 'b']);
      expect(await found({ state: 'in_review', after: { dueAt: 20, userId: userId('a') } })).toEqual(['b']);
      expect(await found({ state: 'completed' })).toEqual(['x', 'y', 'z']);
      expect(await found({ state: 'completed', after: { dueAt: 0, userId: userId('x') } })).toEqual([
        'y',
        'z',
      ]);
      expect(await found({ state: 'rejected' })).toEqual([]);
      expect(await found({ reference: 'RA-y' })).toEqual(['y']);
      expect(await found({ reference: 'RA-nobody' })).toEqual([]);
    });

    async function race(before: Account, over: Rev | null): Promise<{ winners: Account[]; stored: Account }> {
      const attempts = Array.from({ length: WRITERS }, (_, writer) => ({ ...next(before), epoch: writer }));
      const won = await Promise.all(attempts.map((account) => accounts.save(account, over)));
      const winners = attempts.filter((_, index) => won[index] === true);
      return { winners, stored: (await accounts.load(before.userId)) ?? before };
    }
  });
}

export const ODD_IDS = [
  '$where',
  '$',
  'a.b.c',
  '.',
  '__proto__',
  'constructor',
  'null',
  '0',
  '{"$ne":null}',
  'ada@example.com',
  'x'.repeat(500),
  '👩‍👩‍👧‍👦 宮腰 Hervé',
  'tab\tline\nend',
  '\u202eright to left',
];

/**
 * Whatever a newer version may have written, but for names and texts with a NUL, which few databases take, and for names
 * that every object has: of a field called `valueOf` MongoDB's driver gives a list back as bytes.
 */
const anything = fc.object({
  key: fc.stringMatching(/^\w{1,8}$/).filter((name) => !(name in Object.prototype)),
  values: [
    fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  ],
  maxDepth: 4,
});

/** An account with one authenticator app. */
export function anAccount(id: UserId): Account {
  const lane = { left: 10, at: 1_700_000_000_000, wrong: 0 };
  return {
    userId: id,
    rev: randomRev(),
    epoch: 1,
    factors: [
      {
        type: 'totp',
        id: 'factor-1' as Account['factors'][number]['id'],
        label: 'Phone',
        createdAt: 1_700_000_000_000,
        lastUsedAt: null,
        usedUpTo: 56_666_666,
        secret: 'sealed seed' as Sealed,
      },
    ],
    backupCodes: { createdAt: 1_700_000_000_000, codes: [{ digest: 'sealed code' as Sealed, usedAt: null }] },
    preferred: null,
    lanes: { known: lane, others: { ...lane } },
    browsers: [],
  };
}

/** The same with one security key more. */
export function withKey(account: Account, credentialId: string, handle: string): Account {
  const key: WebauthnFactor = {
    type: 'webauthn',
    id: `factor ${credentialId}` as WebauthnFactor['id'],
    label: `Key ${credentialId}`,
    createdAt: 1_700_000_000_000,
    lastUsedAt: null,
    usedUpTo: 1_700_000_000_000,
    credentialId,
    publicKey: 'pQEC',
    algorithm: -7,
    signCount: 0,
    backupEligible: false,
    backedUp: false,
    transports: ['usb'],
    aaguid: '00000000-0000-0000-0000-000000000000',
    rpId: 'app.example',
    userVerified: true,
    attested: false,
  };
  return { ...account, handle, factors: [...account.factors, key] };
}

export const userId = (text: string): UserId => text as UserId;
export const randomRev = (): Rev => randomUUID() as Rev;

/** The same account in a newer state. */
export const next = (account: Account): Account => ({ ...account, rev: randomRev() });

const byUser = (one: Account, other: Account): number => (one.userId < other.userId ? -1 : 1);

function must<T>(value: T | null): T {
  if (value === null) throw new Error('there is nothing');
  return value;
}

/** Writes into an object as code without types can. A frozen one takes nothing. */
function spoil(account: Account): void {
  Reflect.set(account, 'epoch', 99);
  Reflect.set(account.lanes.known, 'left', 99);
  Reflect.set(account.factors, account.factors.length, 'spoilt');
}
