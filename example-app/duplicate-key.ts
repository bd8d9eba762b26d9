import { mongo } from 'mongoose';

const DUPLICATE_KEY = 11_000;

/** For a write that gives way to what is there already. */
export function refusedAsDuplicate(error: unknown): false {
  if (error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY) return false;
  throw error;
}
