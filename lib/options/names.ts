import type { SecondFactorOptions } from './options';
import type { Accounts } from '../stores/contracts';

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
