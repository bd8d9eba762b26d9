import { refuse, type MalformedReason, type Refusal } from '../errors';

/** Longer than any spelling of a code; anything longer is not read. */
const LONGEST = 64;
/** A whole text message, or a paragraph of an e-mail. */
const LONGEST_MESSAGE = 512;

export type CodeText = { readonly ok: true; readonly code: string } | Refusal;

const malformed = (reason: MalformedReason): Refusal => refuse('malformed', { field: 'code', reason });

/**
 * A code of `digits` digits as people type and paste it: spaces of any kind, dashes, direction marks, stray punctuation
 * around it, full-width and Arabic-Indic digits; or the whole message it came in. Strings only: a JSON number has lost
 * its leading zeros.
 */
export function readDigits(input: unknown, digits: number): CodeText {
  if (typeof input !== 'string') return malformed('code_empty');
  if (input.length > LONGEST_MESSAGE) return malformed('code_long');
  const text = asciiDigits(input.normalize('NFKC'));
  const code = withoutMarks(text);
  if (code === '') return malformed('code_empty');
  if (!/^\d+$/.test(code)) return codeInMessage(text, digits);
  if (code.length < digits) return malformed('code_short');
  if (code.length > digits) return malformed('code_long');
  return { ok: true, code };
}

/**
 * The code in a message: its only group of that many digits, which may appear twice, as in text messages that bind it
 * to a site. Two different codes are not guessed between, and parts of a word, an amount or a longer number don't
 * count.
 */
function codeInMessage(text: string, digits: number): CodeText {
  const plain = text.replace(/[\p{Cf}\p{M}]/gu, '');
  const groups = plain.match(/(?<![\p{L}\p{N}\p{S}]|\p{N}\p{P})\d+(?![\p{L}\p{N}\p{S}]|\p{P}\p{N})/gu) ?? [];
  const [code, ...others] = new Set(groups.filter((group) => group.length === digits));
  return code === undefined || others.length > 0 ? malformed('code_letters') : { ok: true, code };
}

export const BACKUP_CODE_LENGTH = 16;
const BLOCK_LENGTH = 4;
const IN_BACKUP_CODES = /^[0-9A-HJKMNP-TV-Z]+$/;

/**
 * A backup code as people type and paste it: any case, spaces, dashes, its number in the list, and the letters that
 * Crockford's base32 leaves out because they look like digits.
 */
export function readBackupCode(input: unknown): CodeText {
  const read = plainBackupCode(input);
  if (!read.ok) return read;
  const { code: text } = read;
  if (text.length < BACKUP_CODE_LENGTH) return malformed('code_short');
  const code = text.slice(-BACKUP_CODE_LENGTH);
  const listNumber = text.slice(0, -BACKUP_CODE_LENGTH);
  if (!/^\d{0,2}$/.test(listNumber)) return malformed('code_long');
  return IN_BACKUP_CODES.test(code) ? { ok: true, code } : malformed('code_letters');
}

export const LETTER_CODE_LENGTH = 12;

/** The code of a letter, as people type it: read like a backup code. */
export function readLetterCode(input: unknown): CodeText {
  const read = plainBackupCode(input);
  if (!read.ok) return read;
  if (read.code.length < LETTER_CODE_LENGTH) return malformed('code_short');
  if (read.code.length > LETTER_CODE_LENGTH) return malformed('code_long');
  return IN_BACKUP_CODES.test(read.code) ? read : malformed('code_letters');
}

/** A backup code or that of a letter, as people read and type it: `XXXX-XXXX-XXXX`. */
export const spellCode = (code: string): string => code.replace(/(.{4})(?=.)/g, '$1-');

const SHORTEST_IMPORTED = 6;

/**
 * A backup code of another system: letters and digits of any kind, whose case doesn't matter. `typed` is for a hash of
 * it, which is of the code exactly as it was given out.
 */
export function readImportedCode(
  input: unknown,
): { readonly ok: true; readonly code: string; readonly typed: string } | Refusal {
  if (typeof input !== 'string') return malformed('code_empty');
  if (input.length > LONGEST) return malformed('code_long');
  const typed = input.normalize('NFKC').trim();
  const code = withoutMarks(asciiDigits(typed)).toLowerCase();
  if (code === '') return malformed('code_empty');
  return code.length < SHORTEST_IMPORTED ? malformed('code_short') : { ok: true, code, typed };
}

/** The end of a backup code: all of it, or its last block, which is enough to show that it was kept. */
export function readEndOfBackupCode(input: unknown): CodeText {
  const read = plainBackupCode(input);
  const isBlock = read.ok && read.code.length === BLOCK_LENGTH && IN_BACKUP_CODES.test(read.code);
  return isBlock ? read : readBackupCode(input);
}

function plainBackupCode(input: unknown): CodeText {
  if (typeof input !== 'string') return malformed('code_empty');
  if (input.length > LONGEST) return malformed('code_long');
  const plain = withoutMarks(asciiDigits(input.normalize('NFKC')));
  const code = plain.toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
  return code === '' ? malformed('code_empty') : { ok: true, code };
}

/** The zeros of Arabic, of Persian and Urdu, and of Devanagari. */
const ZEROS = [0x660, 0x6f0, 0x966];

/** The digits of other scripts as ASCII. */
export const asciiDigits = (text: string): string =>
  text.replace(/(?![0-9])\p{Nd}/gu, (digit) => {
    const point = digit.codePointAt(0) ?? 0;
    const zero = ZEROS.find((start) => point >= start && point <= start + 9);
    return zero === undefined ? digit : String(point - zero);
  });

/**
 * Removes spaces, punctuation, invisible and control characters, and the minus sign, which people type as a dash.
 * Letters and other symbols stay and are refused.
 */
const withoutMarks = (text: string): string => text.replace(/[\p{Z}\p{P}\p{C}\p{M}\s\u2212]/gu, '');
