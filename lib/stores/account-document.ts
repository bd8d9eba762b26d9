import type { Account } from '../account/account';
import { SecondFactorError } from '../errors';

/** An account as it lies in a document database: its own fields, the user id as `_id`, and the schema version. */
export interface AccountDocument {
  readonly _id: string;
  readonly schema: number;
  readonly [field: string]: unknown;
}

/** A later one moves documents of this one up once their MAC was checked, which is above any store. */
const VERSION = 1;

export function toDocument(account: Account): AccountDocument {
  const { userId, ...fields } = account;
  return { ...fields, _id: userId, schema: VERSION };
}

/**
 * The account in a document, as far as there is one: its MAC says whether we wrote it. Fields that this version does not
 * know stay in it, and are saved again with it; so does another schema, which makes the MAC wrong.
 */
export function fromDocument({ _id, schema, ...fields }: AccountDocument): Account {
  return {
    ...fields,
    ...(schema !== VERSION && { schema: schema ?? null }),
    userId: _id,
  } as unknown as Account;
}

export const isNewer = ({ schema }: AccountDocument): boolean =>
  typeof schema === 'number' && schema > VERSION;

export const tooNew = (): SecondFactorError =>
  new SecondFactorError(
    'unavailable',
    'An account was saved by a newer version of express-second-factor.',
    'Update this process to that version. Nothing was changed.',
  );
