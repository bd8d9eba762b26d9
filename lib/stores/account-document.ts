import type { Account } from '../account/account';
import { SecondFactorError } from '../errors';

/** An account as it lies in a document database: its own fields, the user id as `_id`, and the schema version. */
export interface AccountDocument {
  readonly _id: string;
  readonly schema: number;
  readonly [field: string]: unknown;
}

/** Entry n − 1 moves a document of version n up to n + 1. */
const STEPS: readonly ((document: AccountDocument) => AccountDocument)[] = [];
const VERSION = STEPS.length + 1;

export function toDocument(account: Account): AccountDocument {
  const { userId, ...fields } = account;
  return { ...fields, _id: userId, schema: VERSION };
}

/** The account in a document. Fields that this version does not know stay in it, and are saved again with it. */
export function fromDocument(document: AccountDocument): Account {
  if (!Number.isSafeInteger(document.schema) || document.schema < 1) throw damaged();
  if (document.schema > VERSION) throw tooNew();
  const { _id, schema, ...fields } = STEPS.slice(document.schema - 1).reduce(
    (older, step) => step(older),
    document,
  );
  const account = { ...fields, userId: _id };
  if (!hasSkeleton(account)) throw damaged();
  return account;
}

/** What every rule leans on. The rest is what we wrote ourselves. */
function hasSkeleton(account: Record<string, unknown>): account is Record<string, unknown> & Account {
  const { rev, epoch, factors, lanes, browsers } = account;
  return (
    typeof rev === 'string' &&
    Number.isSafeInteger(epoch) &&
    Array.isArray(factors) &&
    typeof lanes === 'object' &&
    lanes !== null &&
    Array.isArray(browsers)
  );
}

const tooNew = (): SecondFactorError =>
  new SecondFactorError(
    'unavailable',
    'An account was saved by a newer version of express-second-factor.',
    'Update this process to that version. Nothing was changed.',
  );

const damaged = (): SecondFactorError =>
  new SecondFactorError(
    'unavailable',
    'A stored account is damaged.',
    'Something else wrote into the collection of the accounts. Restore the document from a backup.',
  );
