import type { Budget, SentCode } from '../stores/contracts';

/** Twilio's advice for codes by SMS: half a minute before the second one, and longer before each further one. ms */
const FIRST = 30_000;
const STEPS = 4;

/** How long to wait for the next message after this many, ms. */
const waitAfter = (sends: number): number => FIRST * 2 ** (Math.min(sends, STEPS) - 1);

/** As budgets: one in 30 s, two in 90 s, three in 210 s, four in 450 s. */
export const cooldownOf = (id: string): Budget[] =>
  Array.from({ length: STEPS }, (_, before) => ({
    name: `cooldown-${before + 1}`,
    id,
    points: before + 1,
    ms: FIRST * (2 ** (before + 1) - 1),
  }));

/**
 * Where the address may be anybody's, and mistyped, each has a wait of its own, so that correcting it does not mean
 * waiting. All those of one login together get no more in the long run than one would, so that nobody can ask a
 * provider about number after number.
 */
export const cooldownOfAddress = (id: string, address: string): Budget[] => [
  ...cooldownOf(`${id}:${address}`),
  { name: 'cooldown-1', id, points: AT_ONCE, ms: AT_ONCE * FIRST },
];
const AT_ONCE = 5;

const isFirstWait = (name: string): boolean => name === 'cooldown-1';

/**
 * The budgets that get back what an unsent message took. If it may have left all the same (after a time-out) it may
 * cost money, so only what makes the wait grow; if it has not, all but the first wait and the count of the IP address:
 * otherwise someone who has the password could query a refusing provider, or a SIM swap check, endlessly.
 */
export const givenBack = (budgets: readonly Budget[], hasNotLeft: boolean): Budget[] =>
  budgets.filter(({ name }) => !isFirstWait(name) && name !== 'ip' && (hasNotLeft || isCooldown(name)));

export const isCooldown = (name: string): boolean => name.startsWith('cooldown-');

/** When the next message may be asked for, ms. */
export const resendAt = ({ until, sends }: SentCode, codeLife: number): number =>
  until - codeLife + waitAfter(sends);
