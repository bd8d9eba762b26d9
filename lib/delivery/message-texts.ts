import { asciiDigits } from '../factors/code-text';

/** What a code is for; people are told, so that a code asked for by somebody else is no use to him. */
export type Purpose = 'sign_in' | 'confirm' | 'enrol';

/** Texts by language, their `{names}` not yet filled in. `count` also picks the plural. */
export interface MessageTexts<Key extends string> {
  pattern(lang: string, key: Key, count?: number): string;
}

/** The language of a mail, and the direction it is written in. */
export interface MailLanguage {
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
}

export type Values = Readonly<Record<string, string | number>>;

/** Fills in each name once: what was filled in is not read again. */
export const fillIn = (pattern: string, values: Values): string =>
  pattern.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));

/** As long as an app name may be. */
const LONGEST_NAME = 64;

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
  return Array.from(clean).slice(0, LONGEST_NAME).join('').trim();
}
