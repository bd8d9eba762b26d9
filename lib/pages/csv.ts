import { BYTE_ORDER_MARK } from './file-name';

/** A table as RFC 4180 has it, safe to open in a spreadsheet. */
export const csvOf = (rows: readonly (readonly string[])[]): string =>
  BYTE_ORDER_MARK + rows.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');

/**
 * A spreadsheet takes what begins like this for a formula, which could fetch or send things (CWE-1236). Behind an
 * apostrophe it is text. The wide forms are those of Japanese keyboards. Where commas are for decimals, as in Czech, cells
 * also begin after a semicolon, and quotes within a line don't keep its end.
 */
const FORMULA = /^(?=[=+\-@\t\r\n＝＋－＠])|(?<=[;\r\n] *)(?=[=+\-@＝＋－＠])/g;

function csvCell(text: string): string {
  const safe = text.replace(FORMULA, "'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
