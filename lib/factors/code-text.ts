import { refuse, type MalformedReason, type Refusal } from '../errors';

/** Longer than any spelling of a code; what is longer is not read. */
const LONGEST = 64;

export type CodeText = { readonly ok: true; readonly code: string } | Refusal;

const malformed = (reason: MalformedReason): Refusal => refuse('malformed', { field: 'code', reason });

/**
 * A code of `digits` digits as people type and paste it: spaces of any kind, dashes, direction marks, stray
 * punctuation around it, full-width and Arabic-Indic digits. Text only: a JSON number has lost its zeros.
 */
export function readDigits(input: unknown, digits: number): CodeText {
  if (typeof input !== 'string') return malformed('code_empty');
  if (input.length > LONGEST) return malformed('code_long');
  const code = withoutMarks(asciiDigits(input.normalize('NFKC')));
  if (code === '') return malformed('code_empty');
  if (!/^\d+$/.test(code)) return malformed('code_letters');
  if (code.length < digits) return malformed('code_short');
  if (code.length > digits) return malformed('code_long');
  return { ok: true, code };
}

const BACKUP_CODE_LENGTH = 16;

/**
 * A backup code as people type and paste it: any case, spaces, dashes, the number it has in the list, and
 * the letters Crockford's base32 leaves out because they are mistaken for digits.
 */
export function readBackupCode(input: unknown): CodeText {
  if (typeof input !== 'string') return malformed('code_empty');
  if (input.length > LONGEST) return malformed('code_long');
  const plain = withoutMarks(asciiDigits(input.normalize('NFKC')));
  const text = plain.toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
  if (text === '') return malformed('code_empty');
  if (text.length < BACKUP_CODE_LENGTH) return malformed('code_short');
  const code = text.slice(-BACKUP_CODE_LENGTH);
  const listNumber = text.slice(0, -BACKUP_CODE_LENGTH);
  if (!/^\d{0,2}$/.test(listNumber)) return malformed('code_long');
  return /^[0-9A-HJKMNP-TV-Z]+$/.test(code) ? { ok: true, code } : malformed('code_letters');
}

/** Zeros of the digits of Arabic, Persian and Urdu, and Devanagari. */
const ZEROS = [0x660, 0x6f0, 0x966];

/** The digits of other scripts as ASCII. */
export const asciiDigits = (text: string): string =>
  text.replace(/\p{Nd}/gu, (digit) => {
    const point = digit.codePointAt(0) ?? 0;
    const zero = ZEROS.find((start) => point >= start && point <= start + 9);
    return zero === undefined ? digit : String(point - zero);
  });

/**
 * Spaces, punctuation, invisible and control characters, and the minus sign, which is typed for a dash.
 * Letters and other symbols stay and are refused.
 */
const withoutMarks = (text: string): string => text.replace(/[\p{Z}\p{P}\p{C}\p{M}\s\u2212]/gu, '');
