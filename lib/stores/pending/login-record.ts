import type { Login, LoginKey } from '../contracts';
import { BoundedMap } from '../bounded-map';
import { isNumber, isRecord, isText, readJson } from './read-json';

const STATES: readonly unknown[] = ['owed', 'passed', 'exempt'] satisfies Login['state'][];
/** Not checked against the kinds of proof: one that only a newer process knows must not sign anyone out of this one. */
const TYPE = /^[a-z][a-z-]{0,31}$/;

/** The text of a login record, as every pending store keeps it. `lastAt` comes last, where `usedAt` changes it. */
export function writeRecord(login: Login): string {
  if (login.lastAt === undefined || Object.keys(login).at(-1) === 'lastAt') return JSON.stringify(login);
  const { lastAt, ...others } = login;
  return JSON.stringify({ ...others, lastAt });
}

/** The text of a record that was used then; null if this is none. The script in `logins.ts` does the same. */
export function withLastAt(text: string | null, usedAt: number): string | null {
  if (!text?.startsWith('{') || !text.endsWith('}')) return null;
  return `${text.slice(0, -1).replace(/,"lastAt":\d+$/, '')},"lastAt":${usedAt}}`;
}

/** The login in such a text. A malformed text is no login, so that whoever relies on it is signed out. */
export const readRecord = (text: string | null): Login | null =>
  text === null ? null : readJson(text, isLogin);

/** How many records' texts a process remembers; about 500 bytes each. */
const MOST_RECORDS = 10_000;

/**
 * Reads records. A complete login is read again and again, so it is parsed only when its text changes, and frozen, as
 * many requests share it. A half login holds the app's own form of its user, which the app may change.
 */
export class RecordReader {
  private readonly last = new BoundedMap<LoginKey, { readonly text: string; readonly login: Login }>(
    MOST_RECORDS,
  );

  read(key: LoginKey, text: string | null): Login | null {
    const last = this.last.get(key);
    if (last !== undefined && last.text === text) return last.login;
    const login = readRecord(text);
    if (text !== null && login !== null && login.state !== 'owed')
      this.last.set(key, { text, login: frozen(login) });
    else this.last.delete(key);
    return login;
  }
}

function frozen(login: Login): Login {
  for (const proof of login.proofs) Object.freeze(proof);
  Object.freeze(login.proofs);
  Object.freeze(login.types);
  if (login.accepted) Object.freeze(login.accepted.methods);
  Object.freeze(login.accepted);
  Object.freeze(login.from?.browser);
  Object.freeze(login.from);
  return Object.freeze(login);
}

const NOTE = '>';

/** Takes the place of a record that was replaced, and says where the login continues. Read as a login, it is none. */
export const writeNote = (next: LoginKey): string => NOTE + next;
export const readNote = (text: string | null): LoginKey | null =>
  text?.startsWith(NOTE) === true ? (text.slice(NOTE.length) as LoginKey) : null;

/** A login for the list: never a half one, even under a key that a complete one had before. */
export function readComplete(text: string | null): Login | null {
  const login = readRecord(text);
  return login?.state === 'owed' ? null : login;
}

function isLogin(value: unknown): value is Login {
  if (!isRecord(value)) return false;
  const { userId, state, epoch, loginId, proofs, types, since } = value;
  const { adopted, owed, waiting, enrol, usedChannel, accepted, remembered, byStaff, from, lastAt } = value;
  return (
    isText(userId) &&
    STATES.includes(state) &&
    isNumber(epoch) &&
    isText(loginId) &&
    isListOf(proofs, isProof) &&
    isListOf(types, isType) &&
    isNumber(since) &&
    (adopted === undefined || adopted === true) &&
    (owed === undefined || isOwed(owed)) &&
    (waiting === undefined || isWaiting(waiting)) &&
    (enrol === undefined || isText(enrol)) &&
    (usedChannel === undefined || isType(usedChannel)) &&
    (accepted === undefined || isAccepted(accepted)) &&
    (remembered === undefined || isText(remembered)) &&
    (byStaff === undefined || byStaff === true) &&
    (from === undefined || isPlace(from)) &&
    (lastAt === undefined || isNumber(lastAt))
  );
}

function isProof(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { type, factorId, at, userVerified, hardware } = value;
  return (
    isType(type) &&
    (factorId === null || isText(factorId)) &&
    isNumber(at) &&
    [userVerified, hardware].every((flag) => flag === undefined || flag === true)
  );
}

const isOwed = (value: unknown): boolean =>
  isRecord(value) &&
  typeof value.keepSessionInfo === 'boolean' &&
  isNumber(value.passport) &&
  (value.cookie === undefined || isRecord(value.cookie));

const isWaiting = (value: unknown): boolean =>
  isRecord(value) &&
  isProof(value.proof) &&
  isNumber(value.issuedAt) &&
  isListOf(value.sentTo, isText) &&
  (value.to === null || isText(value.to)) &&
  (value.remember === undefined || value.remember === true);

const isAccepted = (value: unknown): boolean =>
  isRecord(value) && isListOf(value.methods, isText) && isNumber(value.at);

const isPlace = (value: unknown): boolean =>
  isRecord(value) &&
  (value.address === null || isText(value.address)) &&
  (value.browser === null ||
    (isRecord(value.browser) && isText(value.browser.browser) && isText(value.browser.system)));

const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem);
const isType = (value: unknown): boolean => typeof value === 'string' && TYPE.test(value);
