/** The name that takes the fewest edits to reach: what was probably meant. */
export const nearest = (typed: string, names: readonly string[]): string =>
  names.reduce((best, name) => (distance(typed, name) < distance(typed, best) ? name : best));

/** Levenshtein distance, ignoring case. */
function distance(from: string, to: string): number {
  const [a, b] = [from.toLowerCase().slice(0, 40), to.toLowerCase()];
  let row = Array.from({ length: b.length + 1 }, (_, position) => position);
  for (const [line, letter] of [...a].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...b].entries()) {
      const swap = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min((row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1, swap));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
