import { BoundedMap } from '../stores/bounded-map';
import { ENGLISH } from '../delivery/message-texts';

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
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
};

/** The catalogue's English is British: day first, 24-hour clock, and no comma before an "or". */
export const FORMATTED_AS: Readonly<Record<string, string>> = { [ENGLISH]: 'en-GB' };

type Formats = Readonly<Record<DateStyle, Intl.DateTimeFormat>>;

const MOST_KEPT = 200;

/** By language and zone: they are slow to make. Users may choose any zone, so only so many are kept. */
const madeBefore = new BoundedMap<string, Formats>(MOST_KEPT);

/**
 * Writes times (ms) for people.
 *
 * @param timeZone the server's if it is null, or does not exist
 */
export function createDates(lang: string, timeZone: string | null): (ms: number, style: DateStyle) => string {
  const formats = inZone(lang, timeZone);
  return (ms, style) => formats[style].format(ms);
}

function inZone(lang: string, timeZone: string | null): Formats {
  const key = `${lang} ${timeZone}`;
  try {
    const formats = madeBefore.get(key) ?? makeFormats(lang, timeZone);
    madeBefore.set(key, formats);
    return formats;
  } catch (error) {
    if (timeZone === null) throw error;
    return inZone(lang, null);
  }
}

function makeFormats(lang: string, timeZone: string | null): Formats {
  const zone = timeZone === null ? {} : { timeZone };
  const make = (style: DateStyle) =>
    new Intl.DateTimeFormat(FORMATTED_AS[lang] ?? lang, { ...STYLES[style], ...zone });
  return { date: make('date'), moment: make('moment'), hour: make('hour'), clock: make('clock') };
}
