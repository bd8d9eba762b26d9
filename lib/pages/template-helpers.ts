import type { Catalogue, TextKey, TextParams } from './catalogue';
import { type DateStyle, FORMATTED_AS } from './dates';
import { directionOf } from './locale';
import { escapeHtml, fill, Markup, nameMarkup, strongMarkup, withoutDirectionControls } from './markup';
import { firstLetterOf } from './mask';
import { putIntoWords } from './problem';
import { survivorsOf } from './survivors';
import type { FormError, SecurityView } from './views';

type Rich = Readonly<Record<string, Markup | string | number>>;

/** What templates can call, in one language: `<%= t('step.title') %>`, `<%- rich('…', { … }) %>`. */
export function createHelpers(
  lang: string,
  catalogue: Catalogue,
  date: (ms: number, style: DateStyle) => string,
) {
  const either = listIn(lang, 'disjunction');
  const every = listIn(lang, 'conjunction');
  const t = (key: TextKey, params?: TextParams) => catalogue.text(lang, key, params);
  const rich = (key: TextKey, params: Rich) => fill(catalogue.pattern(lang, key), params);
  const time = (ms: number, style: DateStyle) =>
    new Markup(
      `<time datetime="${new Date(ms).toISOString()}" data-time="${style}">${escapeHtml(date(ms, style))}</time>`,
    );
  return {
    lang,
    dir: directionOf(lang),
    t,
    rich,
    time,
    safe: (text: string | Markup) => (text instanceof Markup ? text : new Markup(escapeHtml(text))),
    name: nameMarkup,
    strong: strongMarkup,
    /** For attributes, where there is no markup to isolate a name. */
    plain: withoutDirectionControls,
    every: (names: readonly string[]) => every(names.map(nameMarkup)),
    initial: (text: string) => firstLetterOf(text).toLocaleUpperCase(lang),
    /** The first of these that the catalogue has. */
    firstText: (keys: readonly string[]) => {
      const key = keys.find((name) => catalogue.has(name));
      return key === undefined ? null : t(key);
    },
    problemOf: (error: FormError | null, kinds: readonly string[] = []) =>
      error === null ? null : putIntoWords(error, kinds, lang, catalogue, (ms) => time(ms, 'moment')),
    /** The line that says how the user would get in without the phone; null if not at all. */
    resilience: (view: SecurityView) => {
      const { labels, codesLeft } = survivorsOf(view);
      const codes = codesLeft > 0 ? [t('security.backup_codes', { count: codesLeft })] : [];
      const ways = [...codes, ...labels].map(strongMarkup);
      if (ways.length === 0) return null;
      return rich('security.safe', { ways: either(ways) });
    },
  };
}

/** Lists as the language writes them: `A, B or C`. */
function listIn(lang: string, type: 'conjunction' | 'disjunction'): (items: readonly Markup[]) => Markup {
  const format = new Intl.ListFormat(FORMATTED_AS[lang] ?? lang, { type });
  return (items) => {
    const parts = format.formatToParts(items.map((_, index) => String(index)));
    const html = parts.map(({ type: kind, value }) =>
      kind === 'element' ? items[Number(value)] : escapeHtml(value),
    );
    return new Markup(html.join(''));
  };
}
