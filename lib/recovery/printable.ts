import { ENGLISH } from '../delivery/message-texts';
import type { TextKey, TextParams } from '../pages/catalogue';
import { hasEveryLetter } from './letters';

export type TextIn = (lang: string, key: TextKey, params?: TextParams) => string;
type Text = (key: TextKey, params?: TextParams) => string;

/**
 * The language in which something is printed: English where our fonts lack letters of the other one
 * (docs/decisions/the-form-on-paper.md). Names in its texts are not looked at.
 */
export function printableLanguage(lang: string, text: TextIn, write: (text: Text) => unknown): string {
  let isPrintable = true;
  write((key, params = {}) => {
    const words = text(lang, key, nameless(params));
    isPrintable &&= hasEveryLetter(words);
    return words;
  });
  return isPrintable ? lang : ENGLISH;
}

const nameless = (params: TextParams): TextParams =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? '' : value] as const),
  );
