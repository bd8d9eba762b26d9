import { isGsm7, SEGMENT, septets, transliterate } from './gsm7';
import { ENGLISH, fillIn, type MessageTexts } from './message-texts';
import { SHORTEST_NAME, smsName } from './sms-text';

/** What fits into each part of a longer message (3GPP TS 23.040 §9.2.3.24.1). */
const PART = 153;

/**
 * A text message with a link on a line to itself, in GSM-7: in English if the language has other letters. The app's name
 * is cut where that saves a part; the link never is.
 */
export function smsWithLink<Key extends string>(
  texts: MessageTexts<Key | 'mail.unnamed'>,
  lang: string,
  key: Key,
  { appName, url }: { readonly appName: string; readonly url: string },
): string {
  const say = (language: string) => (one: Key | 'mail.unnamed') =>
    transliterate(texts.pattern(language, one));
  const inLanguage = isGsm7(say(lang)(key)) ? say(lang) : say(ENGLISH);
  const name = smsName(appName);
  // Nameless: `{app}: …` begins with what comes after it.
  const words = name === '' ? inLanguage(key).replace(/^\{app\}: /, '') : inLanguage(key);
  const pattern = `${words}\n${url}`;
  const count = pattern.split('{app}').length - 1;
  const taken = septets(fillIn(pattern, { app: '' })) ?? 0;
  const least = partsFor(taken + count * Math.min(name.length, SHORTEST_NAME));
  const room = (least === 1 ? SEGMENT : least * PART) - taken;
  const app = name.slice(0, Math.floor(room / Math.max(1, count))).trim();
  return fillIn(pattern, { app: app || inLanguage('mail.unnamed') });
}

const partsFor = (length: number): number => (length <= SEGMENT ? 1 : Math.ceil(length / PART));
