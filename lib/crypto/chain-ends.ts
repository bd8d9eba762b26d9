import { createHmac } from 'node:crypto';
import type { ChainEnd } from '../account/audit';
import { type Authenticity, canonical } from './account-mac';
import { equal } from './digest';
import type { Key, KeyRing } from './key-ring';

/**
 * HMAC-SHA-256 over the end of a chain, as `1.<key id>.<base64url>`: what the MAC of an account is for its trail, once
 * the account is gone.
 */
export function createChainEnds(ring: KeyRing) {
  const digestBy = (key: Key, { of, seq, hash, notKept }: Unsigned): Buffer =>
    createHmac('sha256', key.audit)
      .update(canonical([of, seq, hash, notKept]))
      .digest();

  return {
    sign: (end: Unsigned): ChainEnd => ({
      ...end,
      mac: `1.${ring.first.id}.${digestBy(ring.first, end).toString('base64url')}`,
    }),
    check(end: ChainEnd): Authenticity {
      const [, keyId, digest] = (typeof end.mac === 'string' && FORM.exec(end.mac)) || [];
      if (keyId === undefined || digest === undefined) return 'changed';
      const key = ring.find(keyId);
      if (!key) return 'unknown_key';
      try {
        return equal(Buffer.from(digest, 'base64url'), digestBy(key, end)) ? 'genuine' : 'changed';
      } catch {
        return 'changed';
      }
    },
    keyIdOf: ({ mac }: ChainEnd): string => mac.split('.')[1] ?? '',
  };
}

const FORM = /^1\.([0-9a-f]{8})\.([\w-]{43})$/;

type Unsigned = Omit<ChainEnd, 'mac'>;
export type ChainEnds = ReturnType<typeof createChainEnds>;
