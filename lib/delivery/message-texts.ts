import { asciiDigits } from '../factors/code-text';

/** What a code is for. People are told, so that a code someone else requested is of no use to that person. */
export type Purpose = 'sign_in' | 'confirm' | 'enrol' | 'lost_access';

/** Texts by language, their `{names}` not yet filled in. `count` also picks the plural. */
export interface MessageTexts<Key extends string> {
  pattern(lang: string, key: Key, count?: number): string;
}

/** The language of an e-mail, and its writing direction. */
export interface MailLanguage {
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
}

/** The language that has every text. */
export const ENGLISH = 'en';

/** What is filled into a text, by name. */
export type Values = Readonly<Record<string, string | number>>;

/** Replaces each name once: values are not scanned again. */
export const fillIn = (pattern: string, values: Values): string =>
  pattern.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));

/** The longest an app name may be. */
const LONGEST_NAME = 64;

/** Characters that are invisible, or look different to different readers; \p{Cf} includes the direction marks. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Digits that could be mistaken for a code, even in groups. Years and the like stay. */
const MANY_DIGITS = /\p{Nd}(?:[\p{Zs}\p{Pd}.,']?\p{Nd}){4,}/gu;

/** Characters of URLs and markup. A dot stays only before a space, as in `Smith & Co.` */
const LINKED = /[@#/\\|<>{}[\]=＠＃／]|[.。．｡:](?=\S)/g;

/**
 * A name that is safe in a message with a code: one line, no direction tricks, no digits that look like the code, and
 * nothing that a mail program turns into a link (`evil.com`, `@evil`, `//evil`).
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
