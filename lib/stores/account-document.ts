import type { Account } from '../account/account';
import { SecondFactorError } from '../errors';

/** An account as a document database stores it: its own fields, the user id as `_id`, and the schema version. */
export interface AccountDocument {
  readonly _id: string;
  readonly schema: number;
  readonly [field: string]: unknown;
}

/**
 * A later version will migrate documents of this one only after their MAC has been checked, which happens above any
 * store.
 */
const VERSION = 1;

export function toDocument(account: Account): AccountDocument {
  const { userId, ...fields } = account;
  return { ...fields, _id: userId, schema: VERSION };
}

/**
 * The account in a document, not yet trusted: its MAC says whether we wrote it. Fields that this version does not know
 * are kept and saved again with it; so is another schema, which makes the MAC wrong.
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
