import type { CodeType } from '../account/account';

/** What was proven elsewhere, such as in a system being replaced. */
export type ImportedFactor = ImportedTotp | ImportedAddress | ImportedKey | ImportedBackupCodes;

/** An authenticator app that was proven elsewhere. */
export interface ImportedTotp {
  readonly type: 'totp';
  /**
   * 10 to 64 bytes, as they are or in base32, for 6 digits every 30 s by SHA-1. Under 16 bytes it is taken as `weak`:
   * "Security and login" asks its owner to replace it.
   */
  readonly secret: string | Uint8Array;
  readonly label: string;
}

/** A phone or a mailbox that was proven elsewhere to be the user's. */
export interface ImportedAddress {
  readonly type: CodeType;
  /** A phone number, with its country code unless it is from `sms.defaultRegion`; or an e-mail address. */
  readonly address: string;
  readonly label: string;
}

/** A security key or passkey that was registered elsewhere, for the same domain. */
export interface ImportedKey {
  readonly type: 'webauthn';
  readonly credential: StoredCredential;
  readonly label: string;
}

/** A credential as apps with SimpleWebAuthn store it, or a row of better-auth's table `passkey`. */
export interface StoredCredential {
  /** base64url. Not read where there is a `credentialID`: then it is the row's own. */
  readonly id?: unknown;
  readonly credentialID?: string;
  /** COSE: the bytes, or base64 or base64url of them. */
  readonly publicKey: Uint8Array | string;
  readonly counter: number | bigint | string;
  /** A list, or text with commas. */
  readonly transports?: readonly string[] | string | null | undefined;
  /** `singleDevice` or `multiDevice`. If left out, its first answer decides. */
  readonly deviceType?: string | null | undefined;
  readonly backedUp?: boolean | number | null | undefined;
  /** Its model. */
  readonly aaguid?: string | null | undefined;
  /** What it calls its user, base64url: with it, a passkey can go on signing in by itself. */
  readonly webauthnUserID?: string | null | undefined;
}

/** Backup codes that were made elsewhere: those not used yet, at most 20. For users who have a factor and no codes. */
export type ImportedBackupCodes = { readonly type: 'backup-codes' } & (
  | {
      /** As their owners have them. Capitals, spaces and dashes don't matter; at least 6 letters and digits. */
      readonly codes: readonly string[];
    }
  | {
      /** What the other system kept of them: the option `backupCodes.verify` has to tell which code each belongs to. */
      readonly hashes: readonly string[];
    }
);
