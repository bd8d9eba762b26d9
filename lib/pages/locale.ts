import type { IncomingMessage } from 'node:http';
import { ENGLISH } from '../delivery/message-texts';

/** `rtl` for languages written right to left. */
export type Direction = 'ltr' | 'rtl';

const RIGHT_TO_LEFT = new Set([
  'ar',
  'arc',
  'ckb',
  'dv',
  'fa',
  'he',
  'ks',
  'ps',
  'sd',
  'syr',
  'ug',
  'ur',
  'yi',
]);
const RIGHT_TO_LEFT_SCRIPTS = new Set(['Arab', 'Hebr', 'Thaa', 'Syrc', 'Nkoo', 'Adlm', 'Rohg']);

// RFC 9110 §12.5.4, with limits: a header that no browser sends is nonsense, for which the default is used.
const LONGEST_HEADER = 1000;
const MOST_RANGES = 50;
const RANGE = /^(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8}){0,7})(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

/** Which language a request gets: what the app says, else Accept-Language, else English. */
export function createLanguageOf(
  languages: readonly string[],
  chosenByApp?: (req: IncomingMessage) => string | undefined,
): (req: IncomingMessage) => string {
  return (req) => {
    const chosen = chosenByApp?.(req);
    const known = typeof chosen === 'string' ? lookUp(chosen, languages) : undefined;
    return known ?? negotiate(req.headers['accept-language'], languages);
  };
}

/** The best of `languages` for an Accept-Language header; English if it is missing or nonsense. */
export function negotiate(header: string | undefined, languages: readonly string[]): string {
  const ranges = parse(header);
  if (ranges === undefined) return ENGLISH;
  for (const { tag } of ranges) {
    if (tag === '*') return ENGLISH;
    const known = lookUp(tag, languages);
    if (known !== undefined) return known;
  }
  return ENGLISH;
}

/** The writing direction of a language. */
export function directionOf(lang: string): Direction {
  const { language, script } = new Intl.Locale(lang);
  const rtl = script === undefined ? RIGHT_TO_LEFT.has(language) : RIGHT_TO_LEFT_SCRIPTS.has(script);
  return rtl ? 'rtl' : 'ltr';
}

/** RFC 4647 §3.4: `fr-CH` finds `fr`. Then, as people expect, `pt` also finds `pt-BR`. */
export function lookUp(wanted: string, languages: readonly string[]): string | undefined {
  const parts = wanted.toLowerCase().split('-');
  for (let length = parts.length; length > 0; length -= 1) {
    const shorter = parts.slice(0, length).join('-');
    const found = languages.find((lang) => lang.toLowerCase() === shorter);
    if (found !== undefined) return found;
  }
  return languages.find((lang) => lang.toLowerCase().startsWith(`${parts[0]}-`));
}

function parse(header: string | undefined): { tag: string; weight: number }[] | undefined {
  if (header === undefined || header.length > LONGEST_HEADER) return undefined;
  const parts = header.split(',').map((part) => part.trim());
  if (parts.length > MOST_RANGES) return undefined;
  const ranges = [];
  for (const part of parts) {
    const [, tag, weight] = RANGE.exec(part) ?? [];
    if (tag === undefined) return undefined;
    ranges.push({ tag, weight: Number(weight ?? 1) });
  }
  return ranges.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight);
}
