import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import { czech } from './czech';

/** What views write with, in the language of the visitor. */
export interface Speech {
  readonly lang: 'en' | 'cs';
  /** A text by its English; `{name}` in it is replaced. */
  t(english: string, params?: Readonly<Record<string, string | number>>): string;
  /** A day in words. */
  date(day: Date): string;
  /** With its seconds. */
  moment(at: Date): string;
  /** `in 12 days` */
  inDays(days: number): string;
  number(value: number): string;
}

/** For our pages too: it is the `locale` of the second factor. */
export const languageOf = (req: IncomingMessage): 'en' | 'cs' =>
  (req as Request).acceptsLanguages('en', 'cs') === 'cs' ? 'cs' : 'en';

/** Puts it where every view finds it. */
export const speaking: RequestHandler = (req, res, next) => {
  Object.assign(res.locals, speechOf(req));
  res.vary('Accept-Language');
  next();
};

export const speechOf = (req: IncomingMessage): Speech => speeches[languageOf(req)];

const speeches = { en: speech('en', {}), cs: speech('cs', czech) };

function speech(lang: 'en' | 'cs', texts: Readonly<Record<string, string>>): Speech {
  // A day is written as in British English: 12 December 2026.
  const region = lang === 'en' ? 'en-GB' : lang;
  const days = new Intl.DateTimeFormat(region, { dateStyle: 'long', timeZone: 'UTC' });
  const moments = new Intl.DateTimeFormat(region, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    timeZone: 'UTC',
  });
  const relative = new Intl.RelativeTimeFormat(region);
  const numbers = new Intl.NumberFormat(region);
  return {
    lang,
    t: (english, params = {}) =>
      (texts[english] ?? english).replaceAll(/\{(\w+)\}/g, (_all, name: string) => isolated(params[name])),
    date: (day) => days.format(day),
    moment: (at) => moments.format(at),
    inDays: (count) => relative.format(count, 'day'),
    number: (value) => numbers.format(value),
  };
}

/** A name may be written in the other direction: it keeps that to itself (U+2068 and U+2069, as `<bdi>` in markup). */
const isolated = (value: string | number | undefined): string =>
  typeof value === 'string' ? `\u2068${value}\u2069` : String(value);
