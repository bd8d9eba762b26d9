import { asciiDigits } from '../factors/code-text';

/** As long as an app name may be. */
const longest = 64;

/** Nothing to be seen, or nothing that every reader sees alike; \p{Cf} holds the marks that turn directions. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Digits that could be taken for a code, also in groups. Years and the like stay. */
const MANY_DIGITS = /\p{Nd}(?:[\p{Zs}\p{Pd}.,']?\p{Nd}){4,}/gu;

/** Signs of addresses and markup. A dot stays only where a space follows, as in `Smith & Co.` */
const LINKED = /[@#/\\|<>{}[\]=＠＃／]|[.。．｡:](?=\S)/g;

/**
 * A name as one may put it into a message with a code: one line, no direction tricks, no digits that look
 * like the code, and nothing that a reader makes a link of (`evil.com`, `@evil`, `//evil`).
 */
export function plainName(name: string): string {
  const line = asciiDigits(name.normalize('NFC')).replace(/\s+/g, ' ').replace(INVISIBLE, '');
  const clean = line
    .replace(LINKED, ' ')
    .replace(MANY_DIGITS, ' ')
    .replace(/\p{Zs}+/gu, ' ')
    .trim();
  return Array.from(clean).slice(0, longest).join('').trim();
}
