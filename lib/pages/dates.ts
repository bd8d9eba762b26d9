import { ENGLISH } from './catalogue';

/**
 * `date`: only the day. `moment`: day and time. `hour`: only the time. `clock`: to the second. Times include their
 * zone.
 */
export type DateStyle = 'date' | 'moment' | 'hour' | 'clock';

const STYLES: Readonly<Record<DateStyle, Intl.DateTimeFormatOptions>> = {
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  moment: {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  },
  hour: { hour: 'numeric', minute: '2-digit', timeZoneName: 'short' },
  clock: { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
};

/** The catalogue's English is British: day first, 24-hour clock, and no comma before an "or". */
export const FORMATTED_AS: Readonly<Record<string, string>> = { [ENGLISH]: 'en-GB' };

type Formats = Readonly<Record<DateStyle, Intl.DateTimeFormat>>;

/** By language and zone: they are slow to make, and a second `secondFactor()` in the process needs the same. */
const madeBefore = new Map<string, Formats>();

/** Writes times (ms) for people, in the given zone or else the server's. */
export function createDates(lang: string, timeZone?: string): (ms: number, style: DateStyle) => string {
  const formats = madeBefore.get(`${lang} ${timeZone}`) ?? makeFormats(lang, timeZone);
  madeBefore.set(`${lang} ${timeZone}`, formats);
  return (ms, style) => formats[style].format(ms);
}

function makeFormats(lang: string, timeZone: string | undefined): Formats {
  const zone = timeZone === undefined ? {} : { timeZone };
  const make = (style: DateStyle) =>
    new Intl.DateTimeFormat(FORMATTED_AS[lang] ?? lang, { ...STYLES[style], ...zone });
  return { date: make('date'), moment: make('moment'), hour: make('hour'), clock: make('clock') };
}
