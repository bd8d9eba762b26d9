import type { CountryCode, PhoneNumber } from 'libphonenumber-js/max';
import { isPhoneRegion, phones } from './phones';

/** Calling codes of several countries that have nothing in common but the code, prices least of all. */
const MANY_COUNTRIES = new Set(['1', '7']);

/**
 * The country of every other code that regions share. Which of them a number is from cannot be told from its
 * digits (numbers of the United Kingdom and Jersey lie in one range, and move), so they are one.
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

/** The country whose budget a number takes from; none for networks that belong to no country. */
export const countryOf = ({ countryCallingCode, country }: PhoneNumber): string | undefined =>
  MAIN_REGION[countryCallingCode] ?? country;

/** Whether messages may go to a number: by its calling code, and where many share that, by its country. */
export function isAllowed(callingCode: string, country: string, regions: readonly string[] | null): boolean {
  if (regions === null) return true;
  if (MANY_COUNTRIES.has(callingCode)) return regions.includes(country);
  return regions.some((region) => callingCodeOf(region) === callingCode);
}

const callingCodeOf = (region: string): string | undefined =>
  isPhoneRegion(region) ? phones().getCountryCallingCode(region as CountryCode) : undefined;
