import { duration } from './duration';
import type { KeySettings, Settings } from '../core/scope';
import type { DeliveryOptions } from '../delivery/delivery';
import type { SecondFactorOptions } from './options';
import { resolveDelivery } from './delivery';
import { resolveKeys } from './keys';
import { asHook } from '../session/hook';
import type { RuntimeOptions } from '../session/runtime';
import {
  allowFunctions,
  bad,
  isObject,
  listOf,
  oneOf,
  refuseUnknown,
  requireFunctions,
  requireObject,
  whole,
  within,
} from './checks';
import { cureOf } from './cures';
import { accountsMethods, optionNames } from './names';
import { appName, csrf, folder, origin, path } from './texts';
import { pendingMethods } from '../stores/pending/around';

const hour = 3_600_000;
const day = 24 * hour;

/** Every option checked, with its default in place. Throws for the first that can't work, naming the cure. */
export function resolveOptions(given: SecondFactorOptions<unknown>): {
  options: RuntimeOptions;
  settings: Settings;
  delivery: DeliveryOptions;
  /** ms */
  deadline: number;
} {
  if (!isObject(given))
    throw bad('secondFactor() got no options.', "The README's first example shows the seven that it needs.");
  refuseUnknown('', given, optionNames);
  refuseUnknown('users.', given.users, ['id', 'name', 'reauthenticate', 'passwordResetChannel', 'byId']);
  refuseUnknown('totp.', requireObject('totp', given.totp), ['window', 'apps']);
  refuseUnknown('csrf.', requireObject('csrf', given.csrf), ['field', 'token']);
  requireFunctions('users', given.users, ['id', 'name']);
  requireFunctions('accounts', given.accounts, accountsMethods);
  requirePending(given.pending);
  allowFunctions('', given, ['home', 'accept', 'onSignedIn', 'locale', 'now']);
  allowFunctions('users.', given.users, ['reauthenticate', 'passwordResetChannel']);
  requireObject('locales', given.locales);
  requirePassports(given.passport);
  folder('views', given.views);
  const { deadline = 2500 } = given;
  const options = runtimeOptions(given);
  return {
    options,
    settings: settingsFrom(given, resolveKeys(given, options.appName, options.origin)),
    delivery: resolveDelivery(given, options.appName, options.origin.hostname),
    deadline: within('deadline', duration('deadline', deadline), 10, 60_000),
  };
}

function requirePending(given: unknown): void {
  requireFunctions('pending', given, []);
  const stores = given as Readonly<Record<string, unknown>>;
  for (const [name, methods] of pendingMethods) requireFunctions(`pending.${name}`, stores[name], methods);
  requireFunctions('pending', given, ['close']);
}

/** None would protect nothing, and one given twice would be wrapped twice. */
function requirePassports(given: unknown): void {
  if (given === undefined) throw bad('passport is undefined.', cureOf('passport'));
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (all.length === 0 || !all.every(isObject))
    throw bad('passport is no Passport instance.', cureOf('passport'));
  if (new Set(all).size < all.length)
    throw bad('passport lists one instance twice.', 'Name each Passport that logs users in once.');
}

function runtimeOptions(given: SecondFactorOptions<unknown>): RuntimeOptions {
  const { helpUrl, loginUrl = '/login', tokenStrategies = [] } = given;
  const address = origin(given.origin);
  return {
    users: given.users,
    ...(given.accept && { accept: given.accept.bind(given) }),
    ...(given.onSignedIn && { onSignedIn: asHook('onSignedIn', given.onSignedIn.bind(given)) }),
    ...(given.home && { home: asHook('home', given.home.bind(given)) }),
    ...(given.csrf && { csrf: csrf(given.csrf) }),
    appName: appName(given.appName),
    origin: address,
    prefix: address.pathname.replace(/\/+$/, ''),
    path: pathOf(given),
    loginUrl: path('loginUrl', loginUrl),
    helpUrl: helpUrl === undefined ? null : path('helpUrl', helpUrl),
    owed: oneOf('owed', given.owed, ['answer', 'callback']),
    tokenStrategies: new Set(listOf('tokenStrategies', tokenStrategies, 'name of a strategy')),
  };
}

const pathOf = ({ path: given = '/2fa' }: SecondFactorOptions<unknown>): string => path('path', given);

function settingsFrom(given: SecondFactorOptions<unknown>, keys: KeySettings | null): Settings {
  const { halfLogin = '10m', loginLife = '30d', fresh = '5m', keepFactors = 0 } = given;
  const { window = 1, apps = 3 } = given.totp ?? {};
  return {
    limits: {
      laneTries: 10,
      laneRefill: day,
      laneCloses: 100,
      browsers: 10,
      totpApps: whole('totp.apps', apps, 1, 10),
      addresses: 5,
      keepFactors: whole('keepFactors', keepFactors, 0, 10),
    },
    totpWindow: whole('totp.window', window, 0, 1),
    halfLogin: within('halfLogin', duration('halfLogin', halfLogin), 30_000, hour),
    loginTries: 5,
    endedKnown: hour,
    loginLife: within('loginLife', duration('loginLife', loginLife), 60_000, 400 * day),
    fresh: within('fresh', duration('fresh', fresh), 10_000, hour),
    setupLife: hour,
    setupOpen: 10 * 60_000,
    setupTries: 10,
    codeLife: 5 * 60_000,
    keys,
  };
}
