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
