import { duration } from './duration';
import type { Settings } from './core/scope';
import type { SecondFactorOptions } from './options';
import type { HostOptions } from './session/host';
import { bad, refuseUnknown, requireFunctions, whole, within } from './option-checks';

const known = [
  'passport',
  'appName',
  'origin',
  'keys',
  'users',
  'accounts',
  'pending',
  'path',
  'loginUrl',
  'helpUrl',
  'home',
  'owed',
  'tokenStrategies',
  'accept',
  'onSignedIn',
  'keepFactors',
  'halfLogin',
  'loginLife',
  'fresh',
  'deadline',
  'totp',
  'locale',
  'locales',
  'views',
  'csrf',
  'now',
] as const satisfies readonly (keyof SecondFactorOptions<unknown>)[];

const hour = 3_600_000;
const day = 24 * hour;

/** Every option checked, with its default in place. Throws for the first that can't work, naming the cure. */
export function resolveOptions(given: SecondFactorOptions<unknown>): {
  options: HostOptions;
  settings: Settings;
} {
  if (typeof given !== 'object' || given === null)
    throw bad('secondFactor() got no options.', 'Give an object.');
  refuseUnknown('', Object.keys(given), known);
  refuseUnknown('totp.', Object.keys(given.totp ?? {}), ['window', 'apps']);
  requireFunctions('users', given.users, ['id', 'name']);
  requireFunctions('accounts', given.accounts, ['load', 'save', 'findByHandle', 'remove', 'all']);
  requireFunctions('pending', given.pending, [
    'readLogin',
    'writeLogin',
    'removeLogin',
    'raiseEpoch',
    'countTry',
  ]);
  return { options: hostOptions(given), settings: settingsFrom(given) };
}

function hostOptions(given: SecondFactorOptions<unknown>): HostOptions {
  if (given.owed !== undefined && given.owed !== 'answer' && given.owed !== 'callback') {
    throw bad("owed is neither 'answer' nor 'callback'.", 'Leave it out to let us answer.');
  }
  return {
    users: given.users,
    ...(given.accept && { accept: given.accept.bind(given) }),
    ...(given.onSignedIn && { onSignedIn: given.onSignedIn.bind(given) }),
    ...(given.home && { home: given.home.bind(given) }),
    ...(given.csrf && { csrf: given.csrf }),
    appName: appName(given.appName),
    origin: origin(given.origin),
    path: path('path', given.path ?? '/2fa'),
    loginUrl: path('loginUrl', given.loginUrl ?? '/login'),
    helpUrl: given.helpUrl === undefined ? null : path('helpUrl', given.helpUrl),
    owed: given.owed ?? 'answer',
    tokenStrategies: new Set(given.tokenStrategies ?? []),
  };
}

const settingsFrom = (given: SecondFactorOptions<unknown>): Settings => ({
  limits: {
    laneTries: 10,
    laneRefill: day,
    laneCloses: 100,
    browsers: 10,
    totpApps: whole('totp.apps', given.totp?.apps ?? 3, 1, 10),
    keepFactors: whole('keepFactors', given.keepFactors ?? 0, 0, 10),
  },
  totpWindow: whole('totp.window', given.totp?.window ?? 1, 0, 1),
  halfLogin: within('halfLogin', duration('halfLogin', given.halfLogin ?? '10m'), 30_000, hour),
  loginTries: 5,
  endedKnown: hour,
  loginLife: within('loginLife', duration('loginLife', given.loginLife ?? '30d'), 60_000, 400 * day),
  fresh: within('fresh', duration('fresh', given.fresh ?? '5m'), 10_000, hour),
  setupLife: hour,
  setupTries: 10,
});

function appName(value: unknown): string {
  const isName = typeof value === 'string' && value.trim() !== '' && [...value].length <= 64;
  if (isName && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) return value.trim();
  throw bad(
    'appName is no name.',
    'Give text of at most 64 letters without line breaks, such as the name of your site.',
  );
}

function origin(value: unknown): URL {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const isLocal = url !== null && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  const isPlain = url !== null && !url.search && !url.hash && !url.username && !url.password;
  if (url && isPlain && (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal))) return url;
  throw bad(
    'origin is no address of a site.',
    "Give what people see in the address bar: 'https://admin.example.com', with its path if the app lives below one. Plain http works for localhost only.",
  );
}

function path(option: string, value: string): string {
  if (typeof value === 'string' && /^\/[^\s?#\\]*$/.test(value) && !value.startsWith('//')) {
    return option === 'path' ? value.replace(/\/+$/, '') || '/2fa' : value;
  }
  throw bad(`${option} is no path.`, "It begins with one slash, such as '/2fa'.");
}
