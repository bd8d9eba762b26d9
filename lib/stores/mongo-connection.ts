import type { Connection } from 'mongoose';
import { errorField } from '../errors';
import { bad, isObject } from '../options/checks';
import { cureOf } from '../options/table';
import { errorText } from './store-errors';

/**
 * Regardless of the caller's connection. A majority read cannot see a save that may yet be rolled back, and sees every
 * save that was acknowledged, as a majority acknowledged it.
 */
export const READ = {
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  promoteLongs: true,
  useBigInt64: false,
  raw: false,
} as const;
export const WRITE = {
  writeConcern: { w: 'majority', j: true, wtimeoutMS: 10_000 },
  ignoreUndefined: true,
} as const;

export function requireConnection(
  call: 'mongoAccounts' | 'mongoActivity' | 'mongoAudit',
  connection: unknown,
): asserts connection is Connection {
  if (connection === undefined) throw bad(`${call}() got undefined for a connection.`, cureOf(call));
  if (isObject(connection) && typeof Reflect.get(connection, 'collection') === 'function') return;
  if (connection instanceof Promise)
    throw bad(
      `${call}() got a promise, not a connection.`,
      `Await mongoose.connect(url) first. ${cureOf(call)}`,
    );
  throw bad(`${call}() got no connection of Mongoose.`, cureOf(call));
}

const DUPLICATE_KEY = 11_000;

/** The first field of the unique index that refused a write, or null for any other error. */
export function duplicateOf(error: unknown): string | null {
  if (errorField(error, 'code') !== DUPLICATE_KEY) return null;
  if (errorText(error).includes('index: _id_')) return '_id';
  return Object.keys(errorField(error, 'keyPattern') ?? {})[0] ?? 'unknown';
}
