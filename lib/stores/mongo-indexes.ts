import type { Collection } from 'mongoose';
import { errorField } from '../errors';
import type { AccountDocument } from './account-document';
import { errorText } from './store-errors';

/**
 * Sparse: accounts without the field are not in the index. A partial index would not do for `factors.credentialId`,
 * because it holds null for each factor without one, and two accounts with a key and an app would then be duplicates of
 * each other.
 */
const INDEXES: readonly Index[] = [
  { field: 'factors.credentialId', name: 'second_factor_credential', unique: true },
  { field: 'handle', name: 'second_factor_handle', unique: true },
  { field: 'dueAt', name: 'second_factor_due', unique: false },
];

interface Index {
  readonly field: string;
  readonly name: string;
  readonly unique: boolean;
}

const ON_PRIMARY = { readPreference: 'primary' } as const;

/** Creates the indexes that do not exist yet. */
export async function makeIndexes(collection: Collection<AccountDocument>): Promise<void> {
  const names = await namesIn(collection);
  await Promise.all(
    INDEXES.filter(({ name }) => !names.includes(name) && !names.includes(notUnique(name))).map((index) =>
      makeIndex(collection, index),
    ),
  );
}

async function makeIndex(
  collection: Collection<AccountDocument>,
  { field, name, unique }: Index,
): Promise<void> {
  try {
    await collection.createIndex({ [field]: 1 }, { name, sparse: true, ...(unique && { unique }) }, {});
  } catch (error) {
    if (!isSharded(error)) throw error;
    await collection.createIndex({ [field]: 1 }, { name: notUnique(name), sparse: true }, {});
  }
}

const notUnique = (name: string): string => `${name}_not_unique`;

async function namesIn(collection: Collection<AccountDocument>): Promise<unknown[]> {
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
