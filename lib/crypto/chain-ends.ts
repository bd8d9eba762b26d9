import type { ChainEnd } from '../account/audit';
import type { KeyRing } from './key-ring';
import { type Authenticity, createMacs } from './mac';

/** A MAC over the end of a chain: what the MAC of an account is for its trail, once the account is gone. */
export function createChainEnds(ring: KeyRing) {
  const macs = createMacs(ring, 'audit');
  const contentOf = ({ of, seq, hash, notKept }: Unsigned) => [of, seq, hash, notKept];

  return {
    sign: (end: Unsigned): ChainEnd => ({ ...end, mac: macs.of(contentOf(end)) }),
    check: (end: ChainEnd): Authenticity => macs.check(end.mac, contentOf(end)),
    keyIdOf: ({ mac }: ChainEnd): string => macs.keyIdOf(mac),
  };
}

type Unsigned = Omit<ChainEnd, 'mac'>;
export type ChainEnds = ReturnType<typeof createChainEnds>;
