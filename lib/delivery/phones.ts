import type * as Phones from 'libphonenumber-js/max';

/**
 * The numbering plans of the world, with the kind of every number. Loaded on first use: apps that send no text
 * messages never pay for them.
 */
export const phones = (): typeof Phones => require('libphonenumber-js/max') as typeof Phones;

/** Whether this is the ISO 3166 code of a place that has phone numbers, such as `CZ`. */
export const isPhoneRegion = (region: string): boolean => phones().isSupportedCountry(region);
