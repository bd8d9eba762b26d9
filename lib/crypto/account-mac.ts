import { createHmac } from 'node:crypto';
import type { Account } from '../account/account';
import { canonical } from './canonical';
import { equal } from './digest';
import type { Key, KeyRing } from './key-ring';

/** What the MAC says of an account: as we saved it; not so; or signed by a key that the ring has not. */
export type Authenticity = 'genuine' | 'changed' | 'unknown_key';

/**
 * HMAC-SHA-256 over all of an account, fields of newer versions too, as `1.<key id>.<base64url>`. Who can write to the
 * database and has no key can make no account, change none, and move nothing from one into another.
 */
export function createAccountMacs(ring: KeyRing) {
  const digestBy = (key: Key, { mac: _, ...rest }: Account): Buffer =>
    createHmac('sha256', key.account).update(canonical(rest)).digest();

  return {
    sign: (account: Account): Account => ({
      ...account,
      mac: `1.${ring.first.id}.${digestBy(ring.first, account).toString('base64url')}`,
    }),
    check(account: Account): Authenticity {
      const { mac } = account;
      const [, keyId, digest] = (typeof mac === 'string' && form.exec(mac)) || [];
      if (keyId === undefined || digest === undefined) return 'changed';
      const key = ring.find(keyId);
      if (!key) return 'unknown_key';
      try {
        return equal(Buffer.from(digest, 'base64url'), digestBy(key, account)) ? 'genuine' : 'changed';
      } catch {
        return 'changed';
      }
    },
    /** Of an account that is `genuine`, or whose key is unknown. */
    keyIdOf: ({ mac = '' }: Account): string => mac.split('.')[1] ?? '',
  };
}

const form = /^1\.([0-9a-f]{8})\.([\w-]{43})$/;

export type AccountMacs = ReturnType<typeof createAccountMacs>;
