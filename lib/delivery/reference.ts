import { randomInt } from 'node:crypto';

// No vowels, so that no word comes of it; no L and no Q, which are taken for I and O.
const LETTERS = 'BCDFGHJKMNPRSTVWXYZ';
const LENGTH = 8;

/**
 * What a page and the mail it means both show, so that two mails can be told apart. No secret, and letters only:
 * nobody types it for the code.
 */
export const makeReference = (): string =>
  Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
