import type { ProofType } from '../account/account';
import { escapeHtml } from '../delivery/html';
import type { Catalogue, TextKey, TextParams } from './catalogue';
import { type DateStyle, FORMATTED_AS } from './dates';
import { directionOf } from './locale';
import { addressMarkup, fill, Markup, nameMarkup, strongMarkup, withoutDirectionControls } from './markup';
import { firstLetterOf } from './mask';
import { putIntoWords } from './problem';
import type { FactorView, FormError, SecurityView, SentView } from './views';

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
    /** For attributes, where no markup can isolate a name. */
    plain: withoutDirectionControls,
    every: (names: readonly (string | Markup)[]) =>
      every(names.map((one) => (one instanceof Markup ? one : nameMarkup(one)))),
    /** A phone number, an e-mail address or a reference: read left to right in every language. */
    address: addressMarkup,
    /** An address with the name its owner gave it; just the address if that is only the name of its type. */
    labelled: (type: ProofType, label: string, hint: string) =>
      label === t(`type.${type}`) || label === ''
        ? addressMarkup(hint)
        : rich('send.labelled', { label: nameMarkup(label), to: addressMarkup(hint) }),
    /** Minutes and seconds; the script counts them down. */
    left: (ms: number) => new Markup(`<span data-left>${minutesAndSeconds(ms)}</span>`),
    /** `Czech` for `cs`, in the language of the page. */
    language: (tag: string) => languageIn(lang, tag),
    /** `2 days ago` */
    ago: (ms: number, now: number) => agoIn(lang, now - ms),
    /** In the order given, those of one day together. */
    byDay: <Item extends { readonly at: number }>(items: readonly Item[]) => {
      const days = new Map<string, Item[]>();
      for (const item of items) {
        const day = date(item.at, 'date');
        days.set(day, [...(days.get(day) ?? []), item]);
      }
      return [...days.values()];
    },
    initial: (text: string) => firstLetterOf(text).toLocaleUpperCase(lang),
    /** The first of these that the catalogue has. */
    firstText: (keys: readonly string[], params?: TextParams) => {
      const key = keys.find((name) => catalogue.has(name));
      return key === undefined ? null : t(key, params);
    },
    problemOf: (error: FormError | null, kinds: readonly string[] = [], sent: SentView | null = null) => {
      if (error === null) return null;
      // This is a matter of seconds, and known to the second.
      const isTooSoon = error.code === 'resend_too_soon' && sent !== null;
      const exact = isTooSoon ? { ...error, until: sent.resendAt } : error;
      return putIntoWords(exact, kinds, lang, catalogue, time);
    },
    /** There is a mailbox and nothing else: who can't open it can't get in. */
    isMailAlone,
    /** The line that says how the user would get in without the phone; null if they could not. */
    resilience: (view: SecurityView) => {
      if (isMailAlone(view)) return null;
      const codesLeft = view.backupCodes?.left ?? 0;
      const codes = codesLeft > 0 ? [t('security.backup_codes', { count: codesLeft })] : [];
      const ways = [...codes, ...labelsWithoutPhone(view)].map(strongMarkup);
      if (ways.length === 0) return null;
      return rich('security.safe', { ways: either(ways) });
    },
  };
}

function minutesAndSeconds(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const UNITS = [
  ['year', 365 * 24 * 60],
  ['month', 30 * 24 * 60],
  ['day', 24 * 60],
  ['hour', 60],
  ['minute', 1],
] as const;

function agoIn(lang: string, ms: number): string {
  const minutes = Math.max(1, Math.floor(ms / 60_000));
  const [unit, length] = UNITS.find(([, one]) => minutes >= one) ?? ['minute', 1];
  const format = new Intl.RelativeTimeFormat(FORMATTED_AS[lang] ?? lang, { numeric: 'auto' });
  return format.format(-Math.floor(minutes / length), unit);
}

/** A stored tag may be of a language that the app no longer has, or that never was one. */
function languageIn(lang: string, tag: string): string {
  try {
    return new Intl.DisplayNames(FORMATTED_AS[lang] ?? lang, { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
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

function isMailAlone({ types, backupCodes }: SecurityView): boolean {
  const used = types.filter(({ available, factors }) => available && factors.length > 0);
  return (backupCodes?.left ?? 0) === 0 && used.length > 0 && used.every(({ type }) => type === 'otp-email');
}

/** Names of the factors that would still let the user in if the phone were lost today. */
function labelsWithoutPhone({ types }: SecurityView): string[] {
  // A kind that the app has switched off lets nobody in.
  const kept = types.filter(({ available, isOnPhone }) => available && !isOnPhone);
  return kept.flatMap(({ factors }) => factors.filter(isElsewhereToo).map(({ label }) => label));
}

/** A key that stays on one device may be on the one that is lost; one for another domain lets nobody in. */
const isElsewhereToo = ({ key }: FactorView): boolean =>
  key === null || (key.madeFor === null && (key.synced || key.place !== 'device'));
