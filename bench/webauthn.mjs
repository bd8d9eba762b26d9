import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { median } from './measure.mjs';
import { softKey } from './soft-key.mjs';

const require = createRequire(import.meta.url);
const { verifyAuthenticationResponse } = require('@simplewebauthn/server');
const { blankAccount } = require('../dist/lib/account/account.js');
const { useAssertion } = require('../dist/lib/factors/use-assertion.js');
const { checkAssertion } = require('../dist/lib/factors/webauthn-assertion.js');
const { issueChallenge } = require('../dist/lib/factors/webauthn-challenge.js');
const { webauthnPolicy } = require('../dist/lib/options/keys.js');

const rpId = 'admin.example.com';
const origin = `https://${rpId}`;
const party = { id: rpId, name: 'Bench', origins: [origin], topOrigins: [] };
const now = Date.now();
const policy = webauthnPolicy({});

/** What a user with a key is asked and answers. */
function ceremony() {
  const key = softKey({ rpId, origin, createdAt: now });
  const context = { userId: 'ann', loginId: 'login', ceremony: 'sign_in' };
  const given = { issuedAt: now, userVerification: 'preferred' };
  const { challenge, record } = issueChallenge(context, given, now);
  return {
    challenge,
    id: key.id,
    publicKey: new Uint8Array(key.publicKey),
    account: { ...blankAccount('ann'), factors: [key.factor] },
    expected: { party, policy, issued: { ...context, live: [record] }, now },
    response: key.answer(challenge),
  };
}

const bare = async ({ id, response, challenge, publicKey }) => {
  const { verified } = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: false,
    credential: { id, publicKey, counter: 0 },
  });
  if (!verified) throw new Error('the bare call refused');
};

const ours = async ({ account, response, expected }) => {
  const check = await checkAssertion(account, response, expected);
  const use = check.ok && useAssertion(account, check.assertion, policy, now);
  if (!use || !use.ok) throw new Error(`ours said ${JSON.stringify(use || check)}`);
};

/**
 * Verifications per second, one after the other, without stores: ours, and the bare call to the library. They
 * alternate, so that whatever else the machine does affects both.
 */
export async function keyBesideLibrary({ rounds = 15, perRound = 300 } = {}) {
  const sides = { bare, ours };
  const ceremonies = Array.from({ length: perRound }, ceremony);
  const speeds = { bare: [], ours: [] };
  for (let round = -2; round < rounds; round++) {
    const spent = { bare: 0, ours: 0 };
    for (const [number, one] of ceremonies.entries()) {
      for (const name of number % 2 ? ['ours', 'bare'] : ['bare', 'ours']) {
        const started = performance.now();
        await sides[name](one);
        spent[name] += performance.now() - started;
      }
    }
    if (round < 0) continue;
    for (const name of ['bare', 'ours']) speeds[name].push((perRound * 1000) / spent[name]);
  }
  return { bare: median(speeds.bare), ours: median(speeds.ours) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { bare: library, ours: own } = await keyBesideLibrary();
  console.log(`bare ${library.toFixed(0)}/s, ours ${own.toFixed(0)}/s, ratio ${(own / library).toFixed(3)}`);
}
