import { randomBytes } from 'node:crypto';
import { createBudgetIds } from '../../lib/crypto/digest';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { SEND_LIMITS, sendBudgets, type Send } from '../../lib/delivery/budgets';
import type { Budget, Pending, Taken } from '../../lib/stores/contracts';
import { memoryPending } from '../../lib/stores/memory-pending';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const newKey = (): string => randomBytes(32).toString('hex');
// Not a random one: in that anything of two letters may stand by chance.
const secret = '5a'.repeat(32);
const idsOf = createBudgetIds(createKeyRing([secret]));

/** To a number that is proven, in a browser that nobody knows; no code was ever typed in. */
const aSend = (change: Partial<Send> = {}): Send => ({
  channel: 'sms',
  userId: 'ada@example.com',
  address: '+420603123456',
  pool: 'others',
  hasAnswered: false,
  ip: '192.0.2.7',
  phone: { prefix: '+42060312', country: 'CZ' },
  ...change,
});
const mail = { channel: 'email', phone: null } as const;

const budgetsOf = (change: Partial<Send> = {}): readonly Budget[] => sendBudgets(aSend(change), idsOf);
const table = (change: Partial<Send>) => budgetsOf(change).map(({ name, points, ms }) => [name, points, ms]);

describe('the budgets of a message', () => {
  const own = [
    ['user', 5, HOUR],
    ['address', 5, HOUR],
  ];
  const strange = [
    ['ip', 20, HOUR],
    ['prefix', 25, HOUR],
    ['country', 100, HOUR],
    ['app', 500, DAY],
  ];
  const app = ['app', 2_000, DAY];

  it('are half of what a range of numbers may have where the address is not proven, and a quarter of the app', () => {
    expect(table({ pool: 'unproven' })).toEqual([...own, ['unproven', 10, DAY], ...strange, app]);
  });

  it('are as much of both, and apart from those, in a browser that nobody knows', () => {
    expect(table({})).toEqual([...own, ...strange, app]);
  });

  it('are none that strangers can use up where the browser is known', () => {
    for (const hasAnswered of [true, false])
      expect(table({ pool: 'known', hasAnswered })).toEqual([...own, ['ip', 20, HOUR], app]);
  });

  it('are those everywhere, and a quarter of the app, where a code was typed in that went to this address', () => {
    expect(table({ hasAnswered: true })).toEqual([...own, ['ip', 20, HOUR], ['app', 500, DAY], app]);
    expect(table({ pool: 'unproven', hasAnswered: true })).toEqual(table({ pool: 'unproven' }));
  });

  it('are those, and half of what strangers share, where somebody has only a name', () => {
    expect(table({ of: 'name', pool: 'unproven' })).toEqual([
      ...own,
      ['unproven', 10, DAY],
      ['ip', 20, HOUR],
      ['prefix', 25, HOUR],
      ['prefix', 12, HOUR],
      ['country', 100, HOUR],
      ['country', 50, HOUR],
      ['app', 500, DAY],
      ['app', 250, DAY],
      app,
    ]);
  });

  it('have no number in them where it is a mail', () => {
    expect(budgetsOf(mail).map(({ name }) => name)).toEqual(['user', 'address', 'ip', 'app', 'app']);
  });

  it('go by the limits that are given, and are never none', () => {
    const limits = { ...SEND_LIMITS, country: { sends: 9, per: MINUTE }, prefix: { sends: 1, per: HOUR } };
    const given = sendBudgets(aSend(), idsOf, limits);
    expect(given.find(({ name }) => name === 'country')).toMatchObject({ points: 4, ms: MINUTE });
    expect(given.find(({ name }) => name === 'prefix')).toMatchObject({ points: 1 });
  });

  const ofPools = ['user', 'address', 'ip', 'prefix', 'country', 'app'];
  it.each([
    ['the user', {}, { userId: 'bob' }, ['user']],
    ['the address', {}, { address: '+420603123457' }, ['address']],
    ['the lane', {}, { pool: 'known' }, ofPools],
    ['whether it is proven', {}, { pool: 'unproven' }, ofPools],
    ['whether it has answered', {}, { hasAnswered: true }, ['address', 'ip', 'prefix', 'country']],
    ['the sender', {}, { ip: '192.0.2.8' }, ['ip']],
    ['the range of numbers', {}, { phone: { prefix: '+42060412', country: 'CZ' } }, ['prefix']],
    ['the country', {}, { phone: { prefix: '+42060312', country: 'SK' } }, ['country']],
    ['the user, of one not proven', { pool: 'unproven' }, { userId: 'bob' }, ['user', 'unproven']],
    ['the user, in a known browser', { pool: 'known' }, { userId: 'bob' }, ['user', 'address', 'ip']],
    ['what is asked for', { pool: 'unproven' }, { of: 'name' }, ['user', 'address']],
    ['the user, of one in use', { hasAnswered: true }, { userId: 'bob' }, ['user', 'address', 'ip']],
  ] as const)('are others where %s is another, and only those', (_, before, change, others) => {
    const ids = new Set(budgetsOf({ ...before, ...change }).map(({ name, id }) => `${name} ${id}`));
    const changed = budgetsOf(before).filter(({ name, id }) => !ids.has(`${name} ${id}`));
    expect(changed.map(({ name }) => name)).toEqual(others);
  });

  it('are named by nothing that can be read, or found by trying all numbers without the key', () => {
    const all = (ids: typeof idsOf) =>
      (['known', 'others', 'unproven'] as const).flatMap((pool) => sendBudgets(aSend({ pool }), ids));
    const text = JSON.stringify(all(idsOf));
    for (const plain of ['ada', '+420', '603', 'CZ', '192.0.2']) expect(text).not.toContain(plain);
    const ids = new Set(all(idsOf).map(({ id }) => id));
    for (const { id } of all(createBudgetIds(createKeyRing([newKey()])))) expect(ids).not.toContain(id);
  });

  it('cannot be run together by what is in them', () => {
    expect(idsOf('a', 'bc', 'd')).not.toEqual(idsOf('a', 'b', 'cd'));
    expect(idsOf('a', 'b')).not.toEqual(idsOf('ab'));
  });
});

describe('sending within budgets', () => {
  let time = 1_700_000_000_000;
  let pending: Pending;
  let limits = SEND_LIMITS;
  beforeEach(() => {
    limits = SEND_LIMITS;
    pending = memoryPending({ now: () => time });
  });
  const take = (change: Partial<Send>, keys: readonly string[] = [secret]): Promise<Taken> =>
    pending.budgets.take(sendBudgets(aSend(change), createBudgetIds(createKeyRing(keys)), limits));
  /** How many of these messages leave. */
  const send = async (count: number, change: (n: number) => Partial<Send> = () => ({})): Promise<number> => {
    const all = await Promise.all(Array.from({ length: count }, (_, n) => take(change(n))));
    return all.filter(({ ok }) => ok).length;
  };
  /** Accounts, numbers and machines by the hundred, in one range. */
  const crowd = (n: number): Partial<Send> => ({ userId: `u${n}`, address: `a${n}`, ip: `ip${n}` });

  it('lets the owner send when a stranger with the password has used up what strangers may', async () => {
    expect(await send(50, () => ({ ip: '198.51.100.1' }))).toBe(5);
    expect(await send(50, () => ({ pool: 'known' }))).toBe(5);
    time += HOUR;
    expect(await send(50, () => ({ pool: 'known' }))).toBe(5);
  });

  it.each(['unproven', 'others'] as const)(
    'lets half of what a range may have reach it by %s, from however many accounts and senders',
    async (pool) => {
      expect(await send(300, (n) => ({ ...crowd(n), pool }))).toBe(25);
      expect(await send(9, (n) => ({ ...crowd(n), ...mail, pool }))).toBe(9);
    },
  );

  it('keeps half of the app for known browsers, which may have all of it', async () => {
    limits = { ...SEND_LIMITS, app: { sends: 40, per: DAY } };
    const sent = [];
    for (const pool of ['unproven', 'others', 'known'] as const)
      sent.push(await send(50, (n) => ({ ...crowd(n), ...mail, pool })));
    expect(sent).toEqual([10, 10, 20]);
    time += DAY;
    expect(await send(50, (n) => ({ ...crowd(n), ...mail, pool: 'known' }))).toBe(40);
  });

  it('keeps half of what strangers share for those who have more than a name', async () => {
    limits = { ...SEND_LIMITS, app: { sends: 40, per: DAY } };
    const unproven = (n: number) => ({ ...crowd(n), ...mail, pool: 'unproven' }) as const;
    expect(await send(50, (n) => ({ ...unproven(n), of: 'name' }))).toBe(5);
    expect(await send(50, unproven)).toBe(5);
  });

  it.each(['unproven', 'others'] as const)('lets 20 an hour leave for one sender, by %s', async (pool) => {
    const phone = (n: number) => ({ prefix: `p${n}`, country: `c${n}` });
    expect(await send(60, (n) => ({ pool, userId: `u${n}`, address: `a${n}`, phone: phone(n) }))).toBe(20);
  });

  it('lets no account have more than its share of addresses that are not proven', async () => {
    let sent = 0;
    for (let hour = 0; hour < 23; hour += 1) {
      sent += await send(9, (n) => ({ pool: 'unproven', address: `${hour} ${n}`, ...mail }));
      time += HOUR;
    }
    expect(sent).toBe(10);
    time += HOUR;
    expect(await send(9, (n) => ({ pool: 'unproven', address: `${n}`, ...mail }))).toBe(5);
  });

  it.each(['known', 'others'] as const)(
    'lets a user have no more for an address in use, by %s',
    async (pool) => {
      expect(await send(50, () => ({ pool, hasAnswered: true }))).toBe(5);
    },
  );

  it('counts in one budget while processes have the keys of a rotation in another order, or not all yet', async () => {
    const [old, next] = [secret, newKey()];
    const rings = [[old], [old, next], [next, old], [next]];
    for (const [index, ring] of rings.entries()) {
      const neighbours = rings.slice(Math.max(0, index - 1), index + 2);
      const change = { ...crowd(index), ...mail };
      for (let n = 0; n < 5; n += 1) {
        expect(await take(change, neighbours[n % neighbours.length])).toMatchObject({ ok: true });
      }
      expect(await take(change, ring)).toMatchObject({ ok: false, name: 'user' });
    }
  });
});
