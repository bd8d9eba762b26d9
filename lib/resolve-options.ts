import { duration } from './duration';
import type { KeySettings, Settings } from './core/scope';
import type { DeliveryOptions } from './delivery/delivery';
import type { SecondFactorOptions } from './options';
import { resolveDelivery } from './resolve-delivery';
import { resolveKeys } from './resolve-keys';
import type { HostOptions } from './session/host';
import {
  allowFunctions,
  bad,
  refuseUnknown,
  requireFunctions,
  requireObject,
  whole,
  within,
} from './option-checks';
import { cureOf } from './option-cures';
import { accountsMethods, optionNames, pendingMethods } from './option-names';
import { appName, csrf, origin, path, strategyNames } from './option-texts';

const hour = 3_600_000;
const day = 24 * hour;

/** Every option checked, with its default in place. Throws for the first that can't work, naming the cure. */
export function resolveOptions(given: SecondFactorOptions<unknown>): {
  options: HostOptions;
  settings: Settings;
  delivery: DeliveryOptions;
  /** ms */
  deadline: number;
} {
  if (typeof given !== 'object' || given === null)
    throw bad('secondFactor() got no options.', "The README's first example shows the seven that it needs.");
  refuseUnknown('', given, optionNames);
  refuseUnknown('users.', given.users, ['id', 'name', 'reauthenticate', 'passwordResetChannel', 'byId']);
  refuseUnknown('totp.', requireObject('totp', given.totp), ['window', 'apps']);
  refuseUnknown('csrf.', requireObject('csrf', given.csrf), ['field', 'token']);
  requireFunctions('users', given.users, ['id', 'name']);
  requireFunctions('accounts', given.accounts, accountsMethods);
  requireFunctions('pending', given.pending, pendingMethods);
  allowFunctions('', given, ['home', 'accept', 'onSignedIn', 'locale', 'now']);
  allowFunctions('users.', given.users, ['reauthenticate', 'passwordResetChannel', 'byId']);
  requireObject('locales', given.locales);
  requirePassports(given.passport);
  const options = hostOptions(given);
  return {
    options,
    settings: settingsFrom(given, resolveKeys(given, options.appName, options.origin)),
    delivery: resolveDelivery(given, options.appName, options.origin.hostname),
    deadline: within('deadline', duration('deadline', given.deadline ?? 2500), 10, 60_000),
  };
}

/** None would protect nothing, and one given twice would be wrapped twice. */
function requirePassports(given: unknown): void {
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (all.length === 0 || !all.every((one) => typeof one === 'object' && one !== null))
    throw bad('passport is no Passport instance.', cureOf('passport'));
  if (new Set(all).size < all.length)
    throw bad('passport lists one instance twice.', 'Name each Passport that logs users in once.');
}

function hostOptions(given: SecondFactorOptions<unknown>): HostOptions {
  if (given.owed !== undefined && given.owed !== 'answer' && given.owed !== 'callback') {
    throw bad(
      "owed is neither 'answer' nor 'callback'.",
      "Give owed: 'callback', or leave it out to let us answer.",
    );
  }
  const address = origin(given.origin);
  return {
    users: given.users,
    ...(given.accept && { accept: given.accept.bind(given) }),
    ...(given.onSignedIn && { onSignedIn: given.onSignedIn.bind(given) }),
    ...(given.home && { home: given.home.bind(given) }),
    ...(given.csrf && { csrf: csrf(given.csrf) }),
    appName: appName(given.appName),
    origin: address,
    prefix: address.pathname.replace(/\/+$/, ''),
    path: path('path', given.path ?? '/2fa'),
    loginUrl: path('loginUrl', given.loginUrl ?? '/login'),
    helpUrl: given.helpUrl === undefined ? null : path('helpUrl', given.helpUrl),
    owed: given.owed ?? 'answer',
    tokenStrategies: strategyNames(given.tokenStrategies ?? []),
  };
}

const settingsFrom = (given: SecondFactorOptions<unknown>, keys: KeySettings | null): Settings => ({
  limits: {
    laneTries: 10,
    laneRefill: day,
    laneCloses: 100,
    browsers: 10,
    totpApps: whole('totp.apps', given.totp?.apps ?? 3, 1, 10),
    addresses: 5,
    keepFactors: whole('keepFactors', given.keepFactors ?? 0, 0, 10),
  },
  totpWindow: whole('totp.window', given.totp?.window ?? 1, 0, 1),
  halfLogin: within('halfLogin', duration('halfLogin', given.halfLogin ?? '10m'), 30_000, hour),
  loginTries: 5,
  endedKnown: hour,
  loginLife: within('loginLife', duration('loginLife', given.loginLife ?? '30d'), 60_000, 400 * day),
  fresh: within('fresh', duration('fresh', given.fresh ?? '5m'), 10_000, hour),
  setupLife: hour,
  setupOpen: 10 * 60_000,
  setupTries: 10,
  codeLife: 5 * 60_000,
  keys,
});
