import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Sealed } from '../account/account';
import { SecondFactorError } from '../errors';
import type { KeyRing } from './key-ring';
import { pool } from './random';

/** What a sealed value belongs to. Moved to another user, factor or purpose, it can't be opened. */
export interface SealContext {
  readonly user: string;
  readonly factor: string;
  readonly purpose:
    | 'totp-secret'
    | 'address'
    | 'backup-code'
    | 'browser'
    | 'setup'
    | 'visitor'
    | 'typed'
    | 'contact'
    | 'evidence'
    | `link-${'object' | 'status' | 'cancel' | 'ticket'}`
    | 'request';
}

export interface Seal {
  close(plain: Buffer, context: SealContext): Sealed;
  /** @throws SecondFactorError `unavailable` if the key is not in the ring or the value was altered */
  open(sealed: Sealed, context: SealContext): Buffer;
  /** Whether the first key of the ring wrote it. */
  isCurrent(sealed: Sealed): boolean;
  keyIdOf(sealed: Sealed): string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM (NIST SP 800-38D) as `1.<key id>.<base64url of nonce, ciphertext, tag>`. */
export function createSeal(ring: KeyRing): Seal {
  const currentPrefix = `1.${ring.first.id}.`;

  function close(plain: Buffer, context: SealContext): Sealed {
    const nonce = pool.draw(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', ring.first.seal, nonce).setAAD(associatedData(context));
    const body = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return `${currentPrefix}${body.toString('base64url')}` as Sealed;
  }

  function open(sealed: Sealed, context: SealContext): Buffer {
    const [version, keyId, text] = String(sealed).split('.');
    const key = version === '1' && keyId ? ring.find(keyId) : undefined;
    if (!key) throw lostKey();
    const body = Buffer.from(text ?? '', 'base64url');
    if (body.length < NONCE_BYTES + TAG_BYTES) throw altered();
    const decipher = createDecipheriv('aes-256-gcm', key.seal, body.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(associatedData(context))
      .setAuthTag(body.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch {
      throw altered();
    }
  }

  return {
    close,
    open,
    isCurrent: (sealed) => sealed.startsWith(currentPrefix),
    keyIdOf: (sealed) => sealed.split('.')[1] ?? '',
  };
}

/** Each part is preceded by its length, so that no two contexts have the same encoding. */
function associatedData({ user, factor, purpose }: SealContext): Buffer {
  const parts = [user, factor, purpose];
  const bytes = Buffer.alloc(parts.reduce((sum, part) => sum + 4 + Buffer.byteLength(part), 0));
  let at = 0;
  for (const part of parts) {
    const length = bytes.write(part, at + 4);
    at = bytes.writeUInt32BE(length, at) + length;
  }
  return bytes;
}

const lostKey = () =>
  new SecondFactorError(
    'unavailable',
    'A stored secret was sealed with a key that is not in the ring.',
    'Put the key that wrote it back into `keys`, after the first one.',
  );

const altered = () =>
  new SecondFactorError(
    'unavailable',
    'A stored secret cannot be opened.',
    'It was altered, moved to another account, or sealed by another installation.',
  );
