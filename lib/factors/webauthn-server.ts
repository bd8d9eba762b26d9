import type * as Server from '@simplewebauthn/server';
import type * as Helpers from '@simplewebauthn/server/helpers';

let helpers: typeof Helpers | undefined;

/** Verifies new keys and their attestation. Loaded on first use, so apps without keys never pay for it. */
export const webauthnServer = (): typeof Server => require('@simplewebauthn/server') as typeof Server;

/** Its CBOR parsers, and its signature check. Looked up once, as every sign-in needs it. */
export const webauthnHelpers = (): typeof Helpers =>
  (helpers ??= require('@simplewebauthn/server/helpers') as typeof Helpers);
