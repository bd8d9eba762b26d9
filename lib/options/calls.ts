import type { Request } from 'express';
import type { UserId } from '../account/account';
import { toUserId } from '../account/user-id';
import { kindOf } from '../core/kind';
import type { Kinds } from '../core/scope';
import { type ActivityQuery, MOST_ENTRIES } from '../stores/activity';
import { bad, isObject, refuseUnknown, requireFunctions, whole } from './checks';
import { cureOf } from './table';

/** The id that an app passes to a function of ours. */
export const idFor = (call: string, userId: unknown): UserId => toUserId(userId, `${call}() was given`);

export function requireUser(call: string, user: unknown): void {
  if (user !== undefined && user !== null) return;
  throw bad(`${call}() was given no user.`, 'Pass the user as users.id takes it, once there is one.');
}

export function requireFactor(factor: unknown): void {
  if (isObject(factor)) return;
  throw bad(
    'importFactor() was given no factor.',
    "Give importFactor(user.id, { type: 'totp', secret, label }).",
  );
}

export function requireImportOptions(given: unknown): void {
  const help = 'Give importFactor(user.id, factor, { signOut: true }), or only the first two.';
  if (given === undefined) return;
  if (!isObject(given)) throw bad('importFactor() got options that are not an object.', help);
  refuseUnknown('importFactor.', given, ['signOut']);
  const { signOut } = given as { readonly signOut?: unknown };
  if (signOut !== undefined && typeof signOut !== 'boolean')
    throw bad('importFactor.signOut is neither true nor false.', help);
}

/** A request instead of `{ except: req }`, or a misspelt name, would end the very login that was to stay. */
export function exceptionOf(given: { readonly except?: Request } = {}): { readonly except?: Request } {
  const help = 'Give signOutEverywhere(user.id, { except: req }), or the id alone.';
  if (!isObject(given)) throw bad('signOutEverywhere() got options that are not an object.', help);
  if ('sessionID' in given) throw bad('signOutEverywhere() got a request as its options.', help);
  refuseUnknown('signOutEverywhere.', given, ['except']);
  if (given.except === undefined || isObject(given.except)) return given;
  throw bad('signOutEverywhere.except is not a request.', help);
}

const DEFAULT_LIMIT = 50;

/** What `activityOf()` was asked for. */
export function activityQuery(kinds: Kinds, given: Partial<ActivityQuery> = {}): ActivityQuery {
  const help =
    "Give activityOf(user.id, { limit: 50, before: entries.at(-1)?.id, type: 'totp' }), or the id alone.";
  if (!isObject(given)) throw bad('activityOf() got options that are not an object.', help);
  refuseUnknown('activityOf.', given, ['before', 'type', 'limit']);
  const { before, type, limit = DEFAULT_LIMIT } = given;
  if (before !== undefined && typeof before !== 'string') throw bad('activityOf.before is not an id.', help);
  if (type !== undefined && !kindOf(kinds, type)) throw bad('activityOf.type is not a kind of proof.', help);
  return { before, type, limit: whole('activityOf.limit', limit, 1, MOST_ENTRIES) };
}

/** What the administrator's side asks the app about its users. */
export function requireAdminUsers(
  call: string,
  { byId, find }: { readonly byId?: unknown; readonly find?: unknown },
): void {
  if (byId === undefined) throw bad(`${call} needs users.byId.`, cureOf('users.byId'));
  if (find === undefined) throw bad(`${call} needs users.find.`, cureOf('users.find'));
}

/** What `adminRouter()` was given. */
export function requireAuthorize(given: unknown): void {
  const help =
    'Give adminRouter({ authorize: (req, action, target) => … }): it says who may do what to whom.';
  if (!isObject(given)) throw bad('adminRouter() got no options.', help);
  refuseUnknown('adminRouter.', given, ['authorize']);
  requireFunctions('adminRouter', given, ['authorize']);
}
