import { refuse, type Refusal } from '../errors';

const LONGEST = 64;

/**
 * A name for a factor as its owner typed it: any script, at most 64 characters. Control, direction and zero-width
 * characters are removed, so that a name can't be displayed as something else.
 */
export function readLabel(input: unknown): { readonly ok: true; readonly label: string } | Refusal {
  if (typeof input !== 'string') return refuse('malformed', { field: 'label', reason: 'label_empty' });
  if (input.length > LONGEST * 8) return refuse('malformed', { field: 'label', reason: 'label_long' });
  const label = input
    .replace(/(?![\t\r\n])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[\p{Zs}\t\r\n]+/gu, ' ')
    // Last: a removed character may have separated a letter from its accent.
    .normalize('NFC')
    .trim();
  if (label === '') return refuse('malformed', { field: 'label', reason: 'label_empty' });
  if ([...label].length > LONGEST) return refuse('malformed', { field: 'label', reason: 'label_long' });
  return { ok: true, label };
}
