import fc from 'fast-check';
import type { Fate } from './unreliable-accounts';

export type StoreFate = Exclude<Fate, () => unknown>;
const storeFates = [
  'saved',
  'lost',
  'stored, not heard of',
  'not stored, not heard of',
  'stored, not heard of, overwritten',
  'stored, then down',
  'not stored, then down',
] as const satisfies readonly StoreFate[];
const intrusions = ['guess', 'use', 'backup', 'end', 'forget', 'import', 'remove', 'prefer'] as const;

export interface Intrusion {
  readonly by: (typeof intrusions)[number];
  readonly pick: number;
}

/** What may happen, and how often of a hundred times. */
const weights = {
  'sign in': 12,
  enrol: 6,
  begin: 4,
  confirm: 6,
  acknowledge: 5,
  'give up': 2,
  totp: 18,
  'backup code': 8,
  siege: 2,
  remove: 5,
  rename: 4,
  prefer: 4,
  renew: 4,
  'sign out everywhere': 3,
  forget: 1,
  import: 4,
  clock: 11,
} as const;

type Kind = keyof typeof weights;
const anyKind = fc.oneof(
  ...Object.entries(weights).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as Kind) })),
);

export interface Command {
  readonly kind: Kind;
  readonly who: number;
  readonly login: number;
  readonly pick: number;
  readonly code: number;
  readonly token: number;
  readonly fates: readonly (StoreFate | Intrusion)[];
}

const fate = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<StoreFate>(...storeFates) },
  { weight: 2, arbitrary: fc.record({ by: fc.constantFrom(...intrusions), pick: fc.nat(20) }) },
);
/** Something that somebody does, and what happens to its saves meanwhile. */
export const anyCommand: fc.Arbitrary<Command> = fc.record({
  kind: anyKind,
  who: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
  // The newest login most of the time.
  login: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(7) }),
  pick: fc.nat(20),
  code: fc.nat(12),
  token: fc.nat(3),
  fates: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fate, { maxLength: 3 }) },
  ),
});
