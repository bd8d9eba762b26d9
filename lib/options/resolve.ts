import type { KeySettings, RecoverySettings, Settings } from '../core/scope';
import type { DeliveryOptions } from '../delivery/delivery';
import type { SecondFactorOptions } from './options';
import { resolveBrand } from './brand';
import { resolveDelivery } from './delivery';
import { resolveKeys } from './keys';
import { resolveLostAccess, resolveRequests } from './lost-access';
import { resolveWebhooks } from './webhooks';
import type { Webhook } from '../notices/webhooks';
import { asHook } from '../session/hook';
import type { RuntimeOptions } from '../session/runtime';
import {
  allowFunctions,
  bad,
  isObject,
  refuseUnknown,
  requireFunctions,
  requireGroup,
  requireParts,
} from './checks';
import { cureOf, namesOf, namesWithin } from './table';
import { take } from './take';
import { appName, csrf, folder, origin } from './texts';
import type { ActivityStore } from '../stores/activity';
import type { AuditStore } from '../stores/audit';
import type { Accounts } from '../stores/contracts';
import { pendingMethods } from '../stores/pending/around';

/** The methods a store must have, ours or yours. */
const accountsMethods = [
  'load',
  'save',
  'findByHandle',
  'remove',
  'all',
] as const satisfies readonly (keyof Accounts)[];

const activityMethods = ['append', 'list', 'remove'] as const satisfies readonly (keyof ActivityStore)[];

const auditMethods = [
  'append',
  'end',
  'list',
  'blank',
  'chains',
] as const satisfies readonly (keyof AuditStore)[];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Checks every option and fills in the defaults. Throws for the first that can't work, and says how to fix it. */
export function resolveOptions(given: SecondFactorOptions<unknown>): {
  options: RuntimeOptions;
  settings: Settings;
  delivery: DeliveryOptions;
  webhooks: readonly Webhook[];
  /** ms */
  deadline: number;
} {
  if (!isObject(given))
    throw bad('secondFactor() got no options.', 'The first example in the README shows the seven it needs.');
  requireParts('', given);
  refuseUnknown('users.', given.users, namesWithin('users'));
  requireGroup('totp', given.totp);
  requireGroup('backupCodes', given.backupCodes);
  if (given.backupCodes) requireFunctions('backupCodes', given.backupCodes, ['verify']);
  requireGroup('csrf', given.csrf);
  requireFunctions('users', given.users, ['id', 'name']);
  requireAccounts(given.accounts);
  requirePending(given.pending);
  if (given.activity !== undefined) requireFunctions('activity', given.activity, activityMethods);
  if (given.audit !== undefined) requireAudit(given.audit);
  allowFunctions('users.', given.users, namesOf('users', 'function'));
  requirePassports(given.passport);
  folder('views', given.views);
  requireLink(given);
  const options = runtimeOptions(given);
  const delivery = resolveDelivery(given, options.appName, options.origin.hostname);
  return {
    options,
    settings: settingsFrom(
      given,
      resolveKeys(given, options.appName, options.origin),
      resolveRequests(given.lostAccess, Boolean(delivery.email?.notices || delivery.sms?.notices)),
    ),
    delivery,
    webhooks: resolveWebhooks(given.webhooks),
    deadline: take('deadline', given.deadline),
  };
}

/** A store of the app's own may have any type until it is looked at. */
export function requireAccounts(given: unknown): asserts given is Accounts {
  requireFunctions('accounts', given, accountsMethods);
}

export function requireAudit(given: unknown): asserts given is AuditStore {
  requireFunctions('audit', given, auditMethods);
}

function requirePending(given: unknown): void {
  requireFunctions('pending', given, []);
  const stores = given as Readonly<Record<string, unknown>>;
  for (const [name, methods] of pendingMethods) requireFunctions(`pending.${name}`, stores[name], methods);
  requireFunctions('pending', given, ['close']);
}

/** Whoever is to confirm a new browser has to be reached. */
function requireLink({ newBrowser, users, email, sms }: SecondFactorOptions<unknown>): void {
  if (newBrowser !== 'confirm' || (users.contacts && (email || sms))) return;
  throw bad(
    `newBrowser: 'confirm' needs ${users.contacts ? 'someone who sends its link' : 'users.contacts'}.`,
    users.contacts ? cureOf('email.send') : cureOf('users.contacts'),
  );
}

/** An empty list would protect nothing, and an instance given twice would be wrapped twice. */
function requirePassports(given: unknown): void {
  if (given === undefined) throw bad('passport is undefined.', cureOf('passport'));
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (all.length === 0 || !all.every(isObject))
    throw bad('passport is not a Passport instance.', cureOf('passport'));
  if (new Set(all).size < all.length)
    throw bad('passport lists the same instance twice.', 'List each Passport that logs users in once.');
}

function runtimeOptions(given: SecondFactorOptions<unknown>): RuntimeOptions {
  const address = origin(given.origin);
  return {
    users: given.users,
    ...(given.accept && { accept: given.accept.bind(given) }),
    ...(given.onSignedIn && { onSignedIn: asHook('onSignedIn', given.onSignedIn.bind(given)) }),
    ...(given.home && { home: asHook('home', given.home.bind(given)) }),
    ...(given.csrf && { csrf: csrf(given.csrf) }),
    brand: resolveBrand(given.brand, address),
    lostAccess: resolveLostAccess(given.lostAccess),
    appName: appName(given.appName),
    origin: address,
    prefix: address.pathname.replace(/\/+$/, ''),
    path: take('path', given.path),
    loginUrl: take('loginUrl', given.loginUrl),
    helpUrl: take('helpUrl', given.helpUrl) ?? null,
    owed: take('owed', given.owed),
    tokenStrategies: new Set(take('tokenStrategies', given.tokenStrategies)),
  };
}

const rememberBrowser = (given: SecondFactorOptions<unknown>['rememberBrowser']): number | null =>
  given === false ? null : (take('rememberBrowser', given) ?? null);

function settingsFrom(
  given: SecondFactorOptions<unknown>,
  keys: KeySettings | null,
  recovery: RecoverySettings | null,
): Settings {
  return {
    limits: {
      laneTries: 10,
      laneRefill: DAY,
      laneCloses: 100,
      browsers: 10,
      totpApps: take('totp.apps', given.totp?.apps),
      addresses: 5,
      keepFactors: take('keepFactors', given.keepFactors),
    },
    totpWindow: take('totp.window', given.totp?.window),
    halfLogin: take('halfLogin', given.halfLogin),
    newBrowser: take('newBrowser', given.newBrowser),
    linkLife: 15 * 60_000,
    loginTries: 5,
    endedKnown: HOUR,
    loginLife: take('loginLife', given.loginLife),
    rememberBrowser: rememberBrowser(given.rememberBrowser),
    fresh: take('fresh', given.fresh),
    setupLife: HOUR,
    setupOpen: 10 * 60_000,
    setupTries: 10,
    codeLife: 5 * 60_000,
    keys,
    recovery,
  };
}
