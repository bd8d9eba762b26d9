import type { Budget, SentCode } from '../stores/contracts';

/** Twilio's advice for codes by SMS: half a minute before the second, and longer before each further one. ms */
const FIRST = 30_000;
const STEPS = 4;

/** How long after the so-manieth message the next one may be asked for, ms. */
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
 * What makes the wait grow. A message that is not known to have left does not: the page would say too early when the
 * next may be asked for.
 */
export const growthOf = (id: string): Budget[] => cooldownOf(id).slice(1);

export const isCooldown = (name: string): boolean => name.startsWith('cooldown-');

/** When the next message may be asked for, ms. */
export const resendAt = ({ until, sends }: SentCode, codeLife: number): number =>
  until - codeLife + waitAfter(sends);
