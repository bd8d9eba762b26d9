import { refuse, type Refusal } from '../errors';
import { asciiDigits } from '../factors/code-text';

/** Longer than any spelling of a number; what is longer is not read. */
const longest = 64;

/** Marks of direction, zero width and variation that are copied along with a number. */
const INVISIBLE = /[\p{Cf}\p{M}]/gu;
const SEPARATORS = /[\p{Zs}\p{Pd}\t().\u00b7\u2212/]/gu;

/**
 * The digits that somebody dials, after a `+` where there is one: without the separators, the invisible marks
 * and the `tel:` that come along when a number is pasted. An extension, a second number and letters are
 * refused, for what they mean differs from phone to phone.
 */
export function readDialled(input: unknown): { readonly ok: true; readonly dialled: string } | Refusal {
  if (typeof input !== 'string') return refuse('malformed', { field: 'address', reason: 'phone_empty' });
  if (input.length > longest) return refuse('malformed', { field: 'address', reason: 'phone_invalid' });
  const text = asciiDigits(input.normalize('NFKC')).replace(INVISIBLE, '').trim();
  const dialled = text.replace(/^tel:/i, '').replace(SEPARATORS, '');
  if (dialled === '') return refuse('malformed', { field: 'address', reason: 'phone_empty' });
  if (!/^\+?\d+$/.test(dialled)) return refuse('malformed', { field: 'address', reason: 'phone_letters' });
  return { ok: true, dialled };
}
