import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { median } from './measure.mjs';

const require = createRequire(import.meta.url);
const { verifyAuthenticationResponse } = require('@simplewebauthn/server');
const { blankAccount } = require('../dist/lib/account/blank.js');
const { useAssertion } = require('../dist/lib/factors/use-assertion.js');
const { checkAssertion } = require('../dist/lib/factors/webauthn-assertion.js');
const { issueChallenge } = require('../dist/lib/factors/webauthn-challenge.js');
const { defaultPolicy } = require('../dist/lib/factors/webauthn-policy.js');

const rpId = 'admin.example.com';
const origin = `https://${rpId}`;
const party = { id: rpId, name: 'Bench', origins: [origin], topOrigins: [] };
const id = randomBytes(32).toString('base64url');
const now = Date.now();

/** An ES256 key, the most common one, and what a user with it is asked and answers. */
function ceremony() {
  // Both written at once: to export a half of a living pair hangs Node 20 now and then.
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  const privateKey = createPrivateKey({ key: pair.privateKey, type: 'pkcs8', format: 'der' });
  const cose = Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    pair.publicKey.subarray(-64, -32),
    Buffer.from('225820', 'hex'),
    pair.publicKey.subarray(-32),
  ]);
  const context = { userId: 'ann', loginId: 'login', ceremony: 'sign_in' };
  const { challenge, record } = issueChallenge(
    context,
    { issuedAt: now, userVerification: 'preferred' },
    now,
  );
  const client = Buffer.from(JSON.stringify({ type: 'webauthn.get', challenge, origin, crossOrigin: false }));
  const hash = (data) => createHash('sha256').update(data).digest();
  const authData = Buffer.concat([hash(rpId), Buffer.from([5, 0, 0, 0, 1])]);
  const signature = sign('sha256', Buffer.concat([authData, hash(client)]), privateKey);
  const key = {
    type: 'webauthn',
    id: 'key',
    label: 'Key',
    createdAt: now,
    lastUsedAt: null,
    usedUpTo: 0,
    credentialId: id,
    publicKey: cose.toString('base64url'),
    algorithm: -7,
    signCount: 0,
    backupEligible: false,
    backedUp: false,
    transports: ['usb'],
    aaguid: '00000000-0000-0000-0000-000000000000',
    rpId,
    userVerified: true,
    attested: false,
  };
  return {
    challenge,
    publicKey: new Uint8Array(cose),
    account: { ...blankAccount('ann'), factors: [key] },
    expected: { party, policy: defaultPolicy, issued: { ...context, live: [record] }, now },
    response: {
      id,
      rawId: id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
      },
    },
  };
}

const bare = async ({ response, challenge, publicKey }) => {
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
  const use = check.result === 'right' && useAssertion(account, check.assertion, defaultPolicy, now);
  if (!use || use.result !== 'right') throw new Error(`ours said ${JSON.stringify(use || check)}`);
};

/**
 * Verifications a second, one after the other, without stores: ours, and the bare call to the library. They take turns
 * one by one, so that whatever else the machine does meets both.
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
