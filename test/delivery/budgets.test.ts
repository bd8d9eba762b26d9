import { randomBytes } from 'node:crypto';
import { createBudgetIds } from '../../lib/crypto/digest';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { SEND_LIMITS, sendBudgets, type Send } from '../../lib/delivery/budgets';
import type { Budget, Pending } from '../../lib/stores/contracts';
import { memoryPending } from '../../lib/stores/memory-pending';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const secret = randomBytes(32).toString('hex');
const idOf = createBudgetIds(createKeyRing([secret]));

const aSend = (change: Partial<Send> = {}): Send => ({
  channel: 'sms',
  userId: 'ada@example.com',
  addressDigest: 'digest-of-address',
  lane: 'known',
  ip: '192.0.2.7',
  phone: { prefix: '+420603', country: 'CZ' },
  ...change,
});

const budgetsOf = (change: Partial<Send> = {}): readonly Budget[] => sendBudgets(aSend(change), idOf);
const named = (budgets: readonly Budget[], name: string): Budget | undefined =>
  budgets.find((budget) => budget.name === name);

describe('the budgets of a message', () => {
  it('are those of the user, the address, the sender, the range of numbers, the country and the app', () => {
    expect(budgetsOf().map(({ name, points, ms }) => [name, points, ms])).toEqual([
      ['user', 5, HOUR],
      ['address', 5, HOUR],
      ['ip', 20, HOUR],
      ['prefix', 50, HOUR],
      ['country', 200, HOUR],
      ['app', 2_000, 24 * HOUR],
    ]);
  });

  it('have no number in them where it is a mail', () => {
    const names = budgetsOf({ channel: 'email', phone: null }).map(({ name }) => name);
    expect(names).toEqual(['user', 'address', 'ip', 'app']);
  });

  it('go by the limits that are given', () => {
    const limits = { ...SEND_LIMITS, country: { sends: 7, per: MINUTE } };
    expect(named(sendBudgets(aSend(), idOf, limits), 'country')).toMatchObject({ points: 7, ms: MINUTE });
  });

  it.each([
    ['the user', { userId: 'bob' }, ['user']],
    ['the address', { addressDigest: 'another' }, ['address']],
    ['the lane', { lane: 'others' }, ['user', 'address']],
    ['the sender', { ip: '192.0.2.8' }, ['ip']],
    ['the range of numbers', { phone: { prefix: '+420604', country: 'CZ' } }, ['prefix']],
    ['the country', { phone: { prefix: '+420603', country: 'SK' } }, ['country']],
  ] as const)('are others where %s is another, and only those', (_, change, others) => {
    const before = budgetsOf();
    const after = budgetsOf(change);
    const changed = before.filter(({ name, id }) => named(after, name)?.id !== id);
    expect(changed.map(({ name }) => name)).toEqual(others);
  });

  it('are named by nothing that can be read, or found by trying all numbers without the key', () => {
    const text = JSON.stringify(budgetsOf());
    for (const plain of ['ada', '+420', '603', 'CZ', '192.0.2', 'digest-of-address']) {
      expect(text).not.toContain(plain);
    }
    const other = createBudgetIds(createKeyRing([randomBytes(32).toString('hex')]));
    const ids = new Set(budgetsOf().map(({ id }) => id));
    for (const { id } of sendBudgets(aSend(), other)) expect(ids).not.toContain(id);
  });

  it('start anew with a new first key, and stay while an old one is kept behind', () => {
    const next = randomBytes(32).toString('hex');
    expect(sendBudgets(aSend(), createBudgetIds(createKeyRing([secret, next])))).toEqual(budgetsOf());
    expect(sendBudgets(aSend(), createBudgetIds(createKeyRing([next, secret])))).not.toEqual(budgetsOf());
  });

  it('cannot be run together by what is in them', () => {
    expect(idOf('a', 'bc', 'd')).not.toBe(idOf('a', 'b', 'cd'));
    expect(idOf('a', 'b')).not.toBe(idOf('ab'));
  });
});

describe('sending within budgets', () => {
  let time = 1_700_000_000_000;
  let pending: Pending;
  beforeEach(() => {
    pending = memoryPending({ now: () => time });
  });
  /** How many of these messages leave. */
  const send = async (count: number, change: (n: number) => Partial<Send> = () => ({})): Promise<number> => {
    const all = await Promise.all(
      Array.from({ length: count }, (_, n) => pending.takeFrom(budgetsOf(change(n)))),
    );
    return all.filter(({ ok }) => ok).length;
  };

  it('lets the owner send when a stranger with the password has used up what strangers may', async () => {
    expect(await send(50, () => ({ lane: 'others', ip: '198.51.100.1' }))).toBe(5);
    expect(await send(50)).toBe(5);
    time += HOUR;
    expect(await send(50)).toBe(5);
  });

  it('lets 50 an hour reach one range of numbers, from however many accounts and senders', async () => {
    const pumped = (n: number): Partial<Send> => ({ userId: `u${n}`, addressDigest: `a${n}`, ip: `ip${n}` });
    expect(await send(300, pumped)).toBe(50);
    expect(await send(9, (n) => ({ ...pumped(n), channel: 'email', phone: null }))).toBe(5 + 4);
  });

  it('lets 20 an hour leave for one sender of requests', async () => {
    expect(await send(60, (n) => ({ userId: `u${n}`, addressDigest: `a${n}` }))).toBe(20);
  });
});
