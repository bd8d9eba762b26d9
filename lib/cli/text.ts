/** Text that people typed must not steer a terminal: control and format characters are shown as their numbers. */
export const printable = (text: string): string => text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);

/** JSON in one line; the same for what JSON itself leaves as it is. */
export const json = (value: unknown): string => printable(JSON.stringify(value));

const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, at) => unit(character, at)).join('');

const unit = (text: string, at: number): string => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;

export const time = (ms: number): string => {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'never' : date.toISOString();
};

/** Lines with columns, each as wide as its longest cell. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = (cells[0] ?? []).map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export const counted = (many: number, one: string): string => `${many} ${one}${many === 1 ? '' : 's'}`;
