import type { Collection } from 'mongoose';
import { errorField } from '../errors';
import { errorText } from './store-errors';

export interface Index {
  readonly key: { readonly [field: string]: 1 | -1 };
  readonly name: string;
  readonly unique?: true;
  readonly sparse?: true;
  readonly expireAfterSeconds?: number;
  /** Only documents that match this are in it, and only queries that ask for no others use it. */
  readonly only?: { readonly [field: string]: { readonly $gt: number } };
}

const ON_PRIMARY = { readPreference: 'primary' } as const;

/** Creates the indexes that do not exist yet. */
export async function makeIndexes<Stored extends object>(
  collection: Collection<Stored>,
  indexes: readonly Index[],
): Promise<void> {
  const names = await namesIn(collection);
  const missing = indexes.filter(({ name }) => !names.includes(name) && !names.includes(notUnique(name)));
  await Promise.all(missing.map((index) => makeIndex(collection, index)));
}

async function makeIndex<Stored extends object>(collection: Collection<Stored>, index: Index): Promise<void> {
  const { key, unique, only, ...rest } = index;
  const options = { ...rest, ...(only && { partialFilterExpression: only }) };
  try {
    await collection.createIndex({ ...key }, { ...options, ...(unique && { unique }) }, {});
  } catch (error) {
    if (!unique || !isSharded(error)) throw error;
    await collection.createIndex({ ...key }, { ...options, name: notUnique(index.name) }, {});
  }
}

const notUnique = (name: string): string => `${name}_not_unique`;

async function namesIn<Stored extends object>(collection: Collection<Stored>): Promise<unknown[]> {
  try {
    return (await collection.indexes(ON_PRIMARY)).map(({ name }) => name);
  } catch (error) {
    if (errorField(error, 'code') === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

/** A sharded collection can't have a unique index that does not begin with its shard key. */
function isSharded(error: unknown): boolean {
  return errorField(error, 'code') === CANNOT_CREATE_INDEX && /shard key/i.test(errorText(error));
}

const NAMESPACE_NOT_FOUND = 26;
const CANNOT_CREATE_INDEX = 67;
