import type { SentCode } from './contracts';

/**
 * The text of a code that was sent, as every pending store keeps it: equal for equal codes. Of two that count as issued
 * at once the later text is the newer, so it begins with the time that goes on when `issuedAt` stands still.
 */
export const writeCode = ({ digest, factorId, issuedAt, until, sends, reference }: SentCode): string =>
  JSON.stringify({ until, digest, factorId, issuedAt, sends, reference });

/** The codes that such texts hold. A broken text is no code. */
export const readCodes = (texts: readonly string[]): SentCode[] => texts.flatMap(readCode);

function readCode(text: string): SentCode[] {
  try {
    const value: unknown = JSON.parse(text);
    return isCode(value) ? [value] : [];
  } catch {
    return [];
  }
}

function isCode(value: unknown): value is SentCode {
  if (typeof value !== 'object' || value === null) return false;
  const code = value as Partial<Record<keyof SentCode, unknown>>;
  return (
    isText(code.digest) &&
    isText(code.factorId) &&
    isNumber(code.issuedAt) &&
    isNumber(code.until) &&
    isNumber(code.sends) &&
    typeof code.reference === 'string'
  );
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isNumber = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;
