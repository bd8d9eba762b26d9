import type { Catalogue } from './catalogue';
import type { DateStyle } from './dates';
import { fill, Markup } from './markup';
import type { FormError } from './views';

/** A form's error in words: `short` is shown at its field, `full` in the summary. */
export interface Problem {
  readonly field: string | null;
  readonly short: string;
  readonly full: Markup;
}

// Said from the third of a half login's five failures: before that it would only alarm people.
const TELL_TRIES_BELOW = 3;

/** What no other input would fix: said only in the summary, with no field marked as wrong. */
const OF_NO_FIELD: ReadonlySet<string> = new Set([
  'resend_too_soon',
  'too_many_sends',
  'slow_down',
  'delivery_failed',
  'locked',
  'codes_closed',
]);

/** Whose help says when to try again. */
const SAYS_WHEN: ReadonlySet<string> = new Set(['uploads_busy']);

/**
 * Puts an error into words. `kinds` are more specific texts to look for first: `error.backup-code.…` before `error.…`.
 */
export function putIntoWords(
  { code, field, triesLeft, until }: FormError,
  kinds: readonly string[],
  lang: string,
  catalogue: Catalogue,
  time: (ms: number, style: DateStyle) => Markup,
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
  if (until !== undefined && !SAYS_WHEN.has(code)) {
    const isTooSoon = code === 'resend_too_soon';
    const pattern = catalogue.pattern(lang, isTooSoon ? 'send.again_from' : 'error.until');
    sentences.push(fill(pattern, { time: time(until, isTooSoon ? 'clock' : 'moment') }));
  }
  return {
    field: OF_NO_FIELD.has(code) ? null : field,
    short,
    full: new Markup(sentences.map(({ html }) => html).join(' ')),
  };
}
