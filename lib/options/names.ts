import type { SecondFactorOptions } from './options';
import type { Accounts, Pending } from '../stores/contracts';

/** Every option there is. */
export const optionNames = [
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
  'webauthn',
  'passkeys',
  'sms',
  'email',
  'sends',
  'locale',
  'locales',
  'views',
  'csrf',
  'now',
] as const satisfies readonly (keyof SecondFactorOptions<unknown>)[];

/** What a store must be able to do; our own and anybody's. */
export const accountsMethods = [
  'load',
  'save',
  'findByHandle',
  'remove',
  'all',
] as const satisfies readonly (keyof Accounts)[];

export const pendingMethods = [
  'readLogin',
  'writeLogin',
  'hasLogin',
  'removeLogin',
  'listLogins',
  'raiseEpoch',
  'suspendEpoch',
  'countTry',
  'returnTry',
  'readTries',
  'putCode',
  'countTryOfCode',
  'readCodes',
  'removeCode',
  'takeFrom',
  'giveBack',
  'putSetup',
  'getSetup',
  'removeSetup',
  'close',
] as const satisfies readonly (keyof Pending)[];
