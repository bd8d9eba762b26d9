import type { EvidenceItem, EvidenceKind, OwnerRules, Recovery } from '../account/recovery';
import type { Missing } from '../errors';

/** What the operator asks of evidence. */
export interface EvidenceRules {
  /** What each kind counts; 0: it is not taken. */
  readonly points: { readonly [Kind in EvidenceKind]: number };
  /** How much has to come together, of how many kinds. */
  readonly needed: number;
  readonly kinds: number;
}

export interface Tally {
  readonly sum: number;
  readonly needed: number;
  readonly kinds: readonly EvidenceKind[];
  readonly missing: readonly Missing[];
}

/** What nobody has to judge, because we check it ourselves: nobody's word makes up for it. */
const CHECKED: ReadonlySet<EvidenceKind> = new Set<EvidenceKind>([
  'password',
  'mail',
  'phone',
  'browser',
  'voucher',
  'letter',
]);

/** What counts now: what we checked ourselves, and of the other kinds what a reviewer found to match. */
export const counts = ({ kind, proven, verdict }: EvidenceItem): boolean =>
  proven === true || (!CHECKED.has(kind) && verdict?.of === 'match');

/** What would count if all that is not refuted matched. */
const mayCount = (item: EvidenceItem): boolean => item.verdict?.of !== 'no_match';

export const tallyNow = (request: Recovery, rules: EvidenceRules, owner: Pick<OwnerRules, 'needs'>): Tally =>
  tally(request, rules, owner, counts);

/** How many of the kinds that an owner named have to count. */
export const leastOf = (needs: readonly EvidenceKind[]): number => Math.min(2, needs.length);

/** Whatever its owner asks for besides, which whoever gave only a name must not learn from how it goes on. */
export const couldSuffice = (request: Recovery, rules: EvidenceRules): boolean =>
  tally(request, rules, { needs: [] }, mayCount).missing.length === 0;

/** A kind counts once, however often it was given. */
function tally(
  { evidence }: Recovery,
  { points, needed, kinds: least }: EvidenceRules,
  { needs }: Pick<OwnerRules, 'needs'>,
  isGiven: (item: EvidenceItem) => boolean,
): Tally {
  const kinds = [...new Set(evidence.filter(isGiven).map(({ kind }) => kind))].filter(
    (kind) => points[kind] > 0,
  );
  const sum = kinds.reduce((all, kind) => all + points[kind], 0);
  const ofOwner = needs.filter((kind) => kinds.includes(kind)).length;
  return {
    sum,
    needed,
    kinds,
    missing: [
      ...(sum < needed ? (['points'] as const) : []),
      ...(kinds.length < least ? (['kinds'] as const) : []),
      ...(ofOwner < leastOf(needs) ? (['owner_kinds'] as const) : []),
    ],
  };
}
