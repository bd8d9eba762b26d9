import { SecondFactorError } from '../errors';
import { isGsm7, SEGMENT, septets, transliterate } from './gsm7';
import { ENGLISH, fillIn, type MessageTexts, plainName, type Purpose } from './message-texts';

const PURPOSE = {
  sign_in: 'sms.sign_in',
  confirm: 'sms.confirm',
  enrol: 'sms.enrol',
  lost_access: 'sms.lost_access',
} as const;

/** In words, so that the code is the only run of digits. A code is valid for at most ten minutes. */
const VALID = [
  'sms.valid_1',
  'sms.valid_2',
  'sms.valid_3',
  'sms.valid_4',
  'sms.valid_5',
  'sms.valid_6',
  'sms.valid_7',
  'sms.valid_8',
  'sms.valid_9',
  'sms.valid_10',
] as const;

export type SmsKey = (typeof PURPOSE)[Purpose] | (typeof VALID)[number] | 'sms.secret' | 'sms.unnamed';

export interface SmsCode {
  readonly purpose: Purpose;
  readonly code: string;
  readonly appName: string;
  /** The host of the app's origin, without its port. */
  readonly host: string;
  readonly minutes: number;
}

/** With a host of this length there is still room for a name and for what the code is for. */
export const LONGEST_SMS_HOST = 80;

/** The name is not cut to less if a sentence can be left out instead. */
export const SHORTEST_NAME = 12;

/**
 * The text message with a code: one segment of GSM-7 in every language (in English if the language has other letters),
 * with a last line that binds the code to the site (https://wicg.github.io/sms-one-time-codes). If there is too little
 * room, the app's name is cut, then how long the code is valid is left out, then the warning; never the code, and never
 * the last line.
 */
export function smsText(texts: MessageTexts<SmsKey>, lang: string, sms: SmsCode): string {
  const valid = VALID[sms.minutes - 1];
  const longest = valid === undefined ? (['sms.secret'] as const) : ([valid, 'sms.secret'] as const);
  for (const language of [lang, ENGLISH]) {
    for (const more of [longest, ['sms.secret'], []] as const) {
      const text = compose((key) => oneLine(texts.pattern(language, key)), more, sms);
      if (text !== undefined) return text;
    }
  }
  throw new SecondFactorError(
    'wrong_setup',
    'The host of the origin is too long for a text message.',
    `Use an origin whose host has at most ${LONGEST_SMS_HOST} characters, or turn text messages off.`,
  );
}

const oneLine = (pattern: string): string => transliterate(pattern.replace(/\s+/g, ' ').trim());

function compose(
  say: (key: SmsKey) => string,
  more: readonly SmsKey[],
  { purpose, code, appName, host }: SmsCode,
): string | undefined {
  const pattern = [PURPOSE[purpose], ...more].map(say).join(' ');
  const lastLine = `\n\n@${host} #${code}`;
  const taken = septets(fillIn(pattern, { code, app: '' }) + lastLine);
  if (taken === undefined) return undefined;
  const name = smsName(appName);
  const app = name === '' ? say('sms.unnamed') : cut(name, SEGMENT - taken);
  const human = fillIn(pattern, { code, app });
  if (name !== '' && app.length < Math.min(name.length, SHORTEST_NAME)) return undefined;
  const fits = (septets(human + lastLine) ?? Infinity) <= SEGMENT;
  return fits && isOnlyNumber(code, human) ? human + lastLine : undefined;
}

/** True for all our texts, but an app may have added its own. */
function isOnlyNumber(code: string, human: string): boolean {
  const [first, ...others] = human.match(/\d+/g) ?? [];
  return first === code && others.length === 0;
}

/** Only characters of the alphabet that take one septet each, and no digits; empty if no letter is left. */
export function smsName(appName: string): string {
  const kept = Array.from(transliterate(plainName(appName)), (sign) =>
    /[\p{L} &'.,+-]/u.test(sign) && isGsm7(sign) ? sign : ' ',
  );
  const name = kept
    .join('')
    .replace(/ +/g, ' ')
    .replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  // Every dot was followed by a space, which may be gone now.
  return name.replace(/\.(?=\S)/g, ' ');
}

const cut = (name: string, room: number): string => name.slice(0, Math.max(0, room)).trim();
