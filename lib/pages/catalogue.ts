import { ENGLISH, fillIn, type Values } from '../delivery/message-texts';
import { SecondFactorError } from '../errors';
import cs from '../../views/locales/cs.json';
import en from '../../views/locales/en.json';

type PluralCategory = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other';
type WithoutCategory<Key> = Key extends `${infer Base}.${PluralCategory}` ? Base : Key;

/** A text of the catalogue, typed from views/locales/en.json; plurals are named without their category. */
export type TextKey = WithoutCategory<keyof typeof en>;

/** Values for the `{names}` of a text. `count` also picks the plural. */
export type TextParams = Values;

/** Texts of a language, by key. Missing ones are taken from English. */
export type Texts = Readonly<Record<string, string>>;

export interface Catalogue {
  readonly languages: readonly string[];
  has(key: string): key is TextKey;
  /** The text as in the catalogue, its `{names}` not yet filled in. */
  pattern(lang: string, key: TextKey, count?: number): string;
  text(lang: string, key: TextKey, params?: TextParams): string;
}

const PLURAL = /\.(zero|one|two|few|many|other)$/;
const PLACEHOLDER = /\{(\w+)\}/g;

/** Ours, once for each process. */
const ENGLISH_TEXTS: ReadonlyMap<string, string> = new Map(Object.entries(en));
const OURS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [ENGLISH, ENGLISH_TEXTS],
  ['cs', new Map(Object.entries(cs))],
]);
/** Of texts, without the category of plurals. */
const NAMES: ReadonlySet<string> = new Set([...ENGLISH_TEXTS.keys()].map((key) => key.replace(PLURAL, '')));

/** Every text in every language: ours, and those the app adds or replaces. Checked once, here. */
export function createCatalogue(added: Readonly<Record<string, Texts>> = {}): Catalogue {
  const own = new Map(OURS);
  for (const [tag, texts] of Object.entries(added)) {
    const lang = languageTag(tag);
    requireTexts(tag, texts);
    for (const [key, text] of Object.entries(texts)) checkText(`locales.${tag}`, key, text);
    own.set(lang, new Map([...(own.get(lang) ?? []), ...Object.entries(texts)]));
  }
  const languages = [...own.keys()];
  const rules = new Map(languages.map((lang) => [lang, new Intl.PluralRules(lang)]));
  const find = (lang: string, key: string, count: number | undefined): string | undefined => {
    const texts = own.get(lang);
    if (texts === undefined) return undefined;
    if (count === undefined) return texts.get(key);
    const plural = texts.get(`${key}.${rules.get(lang)?.select(count)}`);
    return plural ?? texts.get(`${key}.other`) ?? texts.get(key);
  };
  const pattern = (lang: string, key: TextKey, count?: number): string => {
    const text = find(lang, key, count) ?? find(ENGLISH, key, count);
    if (text === undefined) throw new SecondFactorError('wrong_setup', `The catalogue has no text "${key}".`);
    return text;
  };
  return {
    languages,
    has: (key): key is TextKey => NAMES.has(key),
    pattern,
    text: (lang, key, params = {}) => {
      const count = typeof params.count === 'number' ? params.count : undefined;
      return fillIn(pattern(lang, key, count), params);
    },
  };
}

function languageTag(tag: string): string {
  try {
    const [canonical] = Intl.getCanonicalLocales(tag);
    if (canonical !== undefined) return canonical;
  } catch {
    // Intl only throws a RangeError; below is an error with the cure.
  }
  throw new SecondFactorError(
    'bad_option',
    `locales: "${tag}" is not a language tag.`,
    "Use tags such as 'fr' or 'pt-BR'.",
  );
}

function requireTexts(tag: string, texts: unknown): void {
  if (typeof texts === 'object' && texts !== null) return;
  throw new SecondFactorError(
    'bad_option',
    `locales.${tag} is not an object of texts.`,
    `Give texts by key: locales: { ${tag}: { 'step.title': '…' } }.`,
  );
}

function checkText(option: string, key: string, text: unknown): void {
  const original = ENGLISH_TEXTS.get(key) ?? ENGLISH_TEXTS.get(key.replace(PLURAL, '.other'));
  if (original === undefined) {
    throw new SecondFactorError(
      'bad_option',
      `${option}: there is no text "${key}".`,
      'All keys are in node_modules/express-second-factor/dist/views/locales/en.json; plurals end in a category such as ".few".',
    );
  }
  if (typeof text !== 'string')
    throw new SecondFactorError(
      'bad_option',
      `${option}: "${key}" is not a string.`,
      `Give ${option} as an object of strings by key.`,
    );
  const names = placeholdersOf(original);
  const unknown = [...placeholdersOf(text)].find((name) => !names.has(name));
  if (unknown === undefined) return;
  throw new SecondFactorError(
    'bad_option',
    `${option}: "${key}" has the placeholder {${unknown}}, which is never filled in.`,
    `It can have: ${[...names].map((name) => `{${name}}`).join(', ') || 'none'}.`,
  );
}

function placeholdersOf(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(PLACEHOLDER)].map(([, name]) => name ?? ''));
}
