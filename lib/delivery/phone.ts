import type * as Phones from 'libphonenumber-js/max';
import type { CountryCode, PhoneNumber } from 'libphonenumber-js/max';
import { type MalformedReason, type Refusal, refuse } from '../errors';
import { asciiDigits } from '../factors/code-text';

/** A number that can receive text messages. */
export interface Phone {
  /** The canonical form in which it is compared, stored and sent to: `+420603123456`. */
  readonly e164: string;
  /** What a budget for a block of numbers counts: `+42060312`. */
  readonly prefix: string;
  /** ISO 3166 code of the country whose budget it takes from. */
  readonly country: string;
}

export interface PhoneRules {
  /** ISO 3166 codes of the countries messages may go to; null for all. */
  readonly regions: readonly string[] | null;
  /** The country of numbers without a country code; null if they are refused. */
  readonly defaultRegion: string | null;
}

export type ReadPhone = { readonly ok: true; readonly phone: Phone } | Refusal;

// No premium, shared-cost or toll-free numbers, no pagers, voicemail or company numbers: they cost the sender or reach
// nobody. No VoIP numbers: they prove no device (NIST SP 800-63B-4 §3.1.3.1). No personal numbers: they are redirected
// to who knows where, at a premium rate (+44 70).
const REACHED: ReadonlySet<string | undefined> = new Set(['MOBILE', 'FIXED_LINE_OR_MOBILE']);

// SMS pumpers rent numbers by the block. Most plans hand them out in blocks of 10 000, and that is few enough that
// hardly any users of one app share a block.
const IN_A_BLOCK = 4;

/**
 * A phone number as people type and paste it, in the canonical form that reaches a mobile (E.164). Two spellings of a
 * number are one number.
 *
 * @example
 * readPhone('603 123 456', { regions: null, defaultRegion: 'CZ' }) // { ok: true, phone: { e164: '+420603123456', … } }
 */
export function readPhone(input: unknown, { regions, defaultRegion }: PhoneRules): ReadPhone {
  const typed = readDialled(input);
  if (!typed.ok) return typed;
  const spellings = spellingsOf(typed.dialled, defaultRegion);
  if (spellings.length === 0) return no('phone_country');
  const number = spellings.find((spelling) => spelling?.isValid());
  if (number === undefined) return no('phone_invalid');
  if (!REACHED.has(number.getType())) return no('phone_kind');
  const country = countryOf(number);
  // A satellite or another network that belongs to no country: the most expensive there are.
  if (country === undefined || !isAllowed(number.countryCallingCode, country, regions))
    return no('phone_region');
  return { ok: true, phone: { e164: number.number, prefix: number.number.slice(0, -IN_A_BLOCK), country } };
}

const no = (reason: MalformedReason): Refusal => refuse('malformed', { field: 'address', reason });

/** What the dialled digits may mean, starting with what they mean where the user is. */
function spellingsOf(dialled: string, region: string | null): (PhoneNumber | undefined)[] {
  if (dialled.startsWith('+')) return [parse(dialled)];
  const local = region === null ? [] : [parse(dialled, region)];
  // ITU-T E.164 §7.4.1: 00 is what most of the world dials for the +.
  return dialled.startsWith('00') ? [...local, parse(`+${dialled.slice(2)}`)] : local;
}

function parse(dialled: string, region?: string): PhoneNumber | undefined {
  const options = region === undefined ? {} : { defaultCountry: region as CountryCode };
  const number = phones().parsePhoneNumberFromString(dialled, { ...options, extract: false });
  return number === undefined ? undefined : inMobileForm(number);
}

/** What had to be dialled before the ten digits of a Mexican mobile until 2019. */
const OLD_MEXICAN = /^(?:1|01|044|045)(\d{10})$/;

/** For phones that can be written in more than one way the numbering plan knows, or knew. */
function inMobileForm(number: PhoneNumber): PhoneNumber {
  const { countryCallingCode, nationalNumber } = number;
  const [, mexican] = countryCallingCode === '52' ? (OLD_MEXICAN.exec(nationalNumber) ?? []) : [];
  if (mexican !== undefined) return again(`+52${mexican}`) ?? number;
  // To reach an Argentinian mobile from abroad, or by text message, takes a 9 that nobody dials within the country.
  if (countryCallingCode === '54' && number.getType() === 'FIXED_LINE')
    return again(`+549${nationalNumber}`) ?? number;
  return number;
}

function again(e164: string): PhoneNumber | undefined {
  const number = phones().parsePhoneNumberFromString(e164, { extract: false });
  return number?.isValid() ? number : undefined;
}

/** Calling codes shared by countries that have nothing in common but the code, least of all prices. */
const MANY_COUNTRIES = new Set(['1', '7']);

/**
 * The main country of every other code that regions share. The digits of a number don't tell which of them it is from
 * (the United Kingdom and Jersey share ranges, and numbers move), so they count as one.
 */
const MAIN_REGION: Readonly<Record<string, CountryCode>> = {
  39: 'IT',
  44: 'GB',
  47: 'NO',
  61: 'AU',
  212: 'MA',
  262: 'RE',
  290: 'SH',
  358: 'FI',
  590: 'GP',
  599: 'CW',
};

/** The country whose budget a number takes from; undefined for networks that belong to no country. */
const countryOf = ({ countryCallingCode, country }: PhoneNumber): string | undefined =>
  MAIN_REGION[countryCallingCode] ?? country;

/** Whether messages may go to a number: by its calling code or, if many countries share that, by its country. */
function isAllowed(callingCode: string, country: string, regions: readonly string[] | null): boolean {
  if (regions === null) return true;
  if (MANY_COUNTRIES.has(callingCode)) return regions.includes(country);
  return regions.some((region) => callingCodeOf(region) === callingCode);
}

const callingCodeOf = (region: string): string | undefined =>
  isPhoneRegion(region) ? phones().getCountryCallingCode(region as CountryCode) : undefined;

/** Longer than any spelling of a number; anything longer is not read. */
const LONGEST_TYPED = 64;

/** Direction, zero-width and variation marks that are copied along with a number. */
const INVISIBLE = /[\p{Cf}\p{M}]/gu;
const SEPARATORS = /[\p{Zs}\p{Pd}\t().\u00b7\u2212/]/gu;

/**
 * The digits to dial, after a `+` if there is one: without the separators, invisible marks and `tel:` that come along
 * when a number is pasted. An extension, a second number and letters are refused, as what they mean differs from phone
 * to phone.
 */
function readDialled(input: unknown): { readonly ok: true; readonly dialled: string } | Refusal {
  if (typeof input !== 'string') return no('phone_empty');
  if (input.length > LONGEST_TYPED) return no('phone_invalid');
  const text = asciiDigits(input.normalize('NFKC')).replace(INVISIBLE, '').trim();
  const dialled = text.replace(/^tel:/i, '').replace(SEPARATORS, '');
  if (dialled === '') return no('phone_empty');
  if (!/^\+?\d+$/.test(dialled)) return no('phone_letters');
  return { ok: true, dialled };
}

/**
 * The numbering plans of the world, with the type of every number. Loaded on first use, so apps that send no text
 * messages never pay for them.
 */
export const phones = (): typeof Phones => require('libphonenumber-js/max') as typeof Phones;

/** Whether this is the ISO 3166 code of a place that has phone numbers, such as `CZ`. */
export const isPhoneRegion = (region: string): boolean => phones().isSupportedCountry(region);
