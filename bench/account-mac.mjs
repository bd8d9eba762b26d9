import { createRequire } from 'node:module';
import { keys } from './apps.mjs';
import { median } from './measure.mjs';

const require = createRequire(import.meta.url);
const { blankAccount } = require('../dist/lib/account/account.js');
const { createAccountMacs } = require('../dist/lib/crypto/account-mac.js');
const { createKeyRing } = require('../dist/lib/crypto/key-ring.js');

const macs = createAccountMacs(createKeyRing(keys));

/** For benchmarks that put accounts into a store directly. */
export const signed = (account) => macs.sign(account);

/** A typical account: an app, ten backup codes, two browsers. */
function usual() {
  const now = Date.now();
  const sealed = (length) => `1.abcdef01.${'s'.repeat(length)}`;
  const app = { id: 'i'.repeat(22), label: 'Phone', createdAt: now, lastUsedAt: now, usedUpTo: 59_000_000 };
  const codes = Array.from({ length: 10 }, () => ({ digest: sealed(80), usedAt: null }));
  const browsers = Array.from({ length: 2 }, () => ({
    id: sealed(22),
    name: { browser: 'Chrome', system: 'Windows' },
    digest: sealed(80),
    addedAt: now,
    lastSeenAt: now,
  }));
  return {
    ...blankAccount('5f9d88b9c2a4e3001c9f1a01'),
    epoch: now,
    rev: 'r'.repeat(22),
    factors: [{ ...app, type: 'totp', secret: sealed(64) }],
    backupCodes: { createdAt: now, codes },
    browsers,
  };
}

/** Microseconds to make or to check the MAC of one account. */
export function accountMac({ rounds = 9, perRound = 5_000 } = {}) {
  const account = signed(usual());
  const costs = [];
  for (let round = -1; round < rounds; round++) {
    const started = performance.now();
    for (let number = 0; number < perRound; number++)
      if (macs.check(account) !== 'genuine') throw new Error('the MAC is wrong');
    if (round >= 0) costs.push(((performance.now() - started) * 1000) / perRound);
  }
  return median(costs);
}
