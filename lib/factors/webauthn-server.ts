import type * as Server from '@simplewebauthn/server';
import type * as Helpers from '@simplewebauthn/server/helpers';

/** Verifies signatures and attestations. Loaded on first use: apps without keys never pay for it. */
export const webauthnServer = (): typeof Server => require('@simplewebauthn/server') as typeof Server;

/** Its readers of CBOR and authenticator data. */
export const webauthnHelpers = (): typeof Helpers =>
  require('@simplewebauthn/server/helpers') as typeof Helpers;
