/** The mail host that was probably meant by a mistyped one: `gmail.com` for `gmial.com`; null where there is none. */
export function meantDomain(typed: string): string | null {
  if (COMMON.includes(typed)) return null;
  const near = COMMON.map((domain) => ({ domain, slips: slipsBetween(typed, domain) }))
    .filter(({ domain, slips }) => slips <= allowedFor(typed, domain))
    .toSorted((one, other) => one.slips - other.slips);
  return near[0]?.domain ?? null;
}

/** Where most people have their mailbox. One that looks like another is here so that nobody is asked about it. */
const COMMON: readonly string[] = [
  'gmail.com',
  'googlemail.com',
  'outlook.com',
  'hotmail.com',
  'live.com',
  'msn.com',
  'yahoo.com',
  'ymail.com',
  'icloud.com',
  'aol.com',
  'mail.com',
  'email.com',
  'gmx.com',
  'gmx.net',
  'gmx.de',
  'web.de',
  'proton.me',
  'protonmail.com',
  'seznam.cz',
  'email.cz',
  'centrum.cz',
  'post.cz',
];

/** In a short name two slips make any other; and another ending alone is more often a country's than a slip. */
function allowedFor(typed: string, domain: string): number {
  const isOtherEnding = nameOf(typed) === nameOf(domain);
  return isOtherEnding || domain.length < 'gmail.com'.length ? 1 : 2;
}

const nameOf = (domain: string): string => domain.slice(0, domain.indexOf('.'));

/** Letters that are missing, too many, wrong, or in the place of their neighbour (optimal string alignment). */
function slipsBetween(one: string, other: string): number {
  // What is this much longer or shorter is far away in any case.
  if (Math.abs(one.length - other.length) > 2) return Infinity;
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let at = 1; at <= other.length; at += 1) {
      const isSame = one[row - 1] === other[at - 1];
      const isSwapped = row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1];
      next[at] = Math.min(
        (last[at] ?? 0) + 1,
        (next[at - 1] ?? 0) + 1,
        (last[at - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[at - 2] ?? 0) + 1 : Infinity,
      );
    }
    before = last;
    last = next;
  }
  return last[other.length] ?? Infinity;
}
