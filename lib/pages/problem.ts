import type { Catalogue } from './catalogue';
import { fill, Markup } from './markup';
import type { FormError } from './views';

/** A form's error in words: `short` stands at its field, `full` in the summary. */
export interface Problem {
  readonly field: string | null;
  readonly short: string;
  readonly full: Markup;
}

// Said from the third failure of a half login's five on: before that it would only frighten.
const TELL_TRIES_BELOW = 3;

/**
 * Puts an error into words. `kinds` are the more special texts to look for first: `error.backup-code.…`
 * before `error.…`.
 */
export function putIntoWords(
  { code, field, triesLeft, until }: FormError,
  kinds: readonly string[],
  lang: string,
  catalogue: Catalogue,
  moment: (ms: number) => Markup,
): Problem {
  const candidates = [...kinds.map((kind) => `error.${kind}.${code}`), `error.${code}`];
  const key = candidates.find((name) => catalogue.has(name)) ?? 'error.unknown';
  const short = catalogue.text(lang, key);
  const sentences = [fill(short, {})];
  const help = `${key}.help`;
  if (catalogue.has(help)) sentences.push(fill(catalogue.text(lang, help), {}));
  if (triesLeft !== undefined && triesLeft < TELL_TRIES_BELOW) {
    sentences.push(fill(catalogue.text(lang, 'error.tries_left', { count: triesLeft }), {}));
  }
  if (until !== undefined)
    sentences.push(fill(catalogue.pattern(lang, 'error.until'), { time: moment(until) }));
  return { field, short, full: new Markup(sentences.map(({ html }) => html).join(' ')) };
}
