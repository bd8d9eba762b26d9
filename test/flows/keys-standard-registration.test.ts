import { sign } from 'node:crypto';
import { errorCode, halfLogin } from '../support/browser-agent';
import type { Cbor } from '../support/cbor';
import { certificate } from '../support/certificate';
import { minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';
import { addKey, enrolKey, localKey, proveKey } from '../support/keys';
import { flag, type Lies } from '../support/soft-key';
import {
  accountOf,
  annWithKey,
  askedBy,
  challengeOf,
  keysOf,
  newKeyChallenge,
  ownerOf,
  signedIn,
  told,
} from './keys-cast';

/** ann, and a second key that says something else than it should: nothing is added, and nobody hears more. */
async function expectRefused(lies: Lies, answer: [status: number, code: string], given = {}) {
  const ann = await annWithKey(given);
  const before = await accountOf(ann);
  expect(told(await addKey(ann.agent, localKey(), lies))).toEqual(answer);
  expect(await accountOf(ann)).toEqual(before);
}

const wrong: [number, string] = [401, 'wrong_code'];
const malformed: [number, string] = [400, 'malformed'];

describe('A key is added: the challenge', () => {
  it('F1: is of 32 bytes, another each time, for five minutes by the clock', async () => {
    const { agent, clock } = await annWithKey();
    const { body: options } = await agent.post('/2fa/security/webauthn/options').expect(200);
    expect(Buffer.from(options.challenge, 'base64url')).toHaveLength(32);
    expect(options.timeout).toBe(5 * minutes);
    expect(await newKeyChallenge(agent)).not.toBe(options.challenge);

    clock.move(1 * seconds);
    const key = localKey();
    const challenge = await newKeyChallenge(agent);
    clock.move(5 * minutes);
    const late = await agent.post('/2fa/security/webauthn', { response: key.create(challenge) });
    expect(told(late)).toEqual([401, 'code_used']);
    expect((await addKey(agent, key)).status).toBe(201);
  });

  it('F1: of two tabs, both are good until one is answered; then both are over', async () => {
    const ann = await annWithKey();
    const [one, two] = [await newKeyChallenge(ann.agent), await newKeyChallenge(ann.agent)];
    const older = { response: localKey().create(one) };
    await ann.agent.post('/2fa/security/webauthn', older).expect(201);
    const before = await accountOf(ann);
    for (const challenge of [one, two]) {
      // Each asks anew for the set-up to go on with.
      await newKeyChallenge(ann.agent);
      const again = await ann.agent.post('/2fa/security/webauthn', {
        response: localKey().create(challenge),
      });
      expect(again.status).toBe(401);
      expect(['code_used', 'wrong_code']).toContain(errorCode(again));
    }
    expect(await accountOf(ann)).toEqual(before);
  });

  it('F2: the user is named by an opaque handle, the same for all keys of one user and for nobody else', async () => {
    const ann = await annWithKey();
    const { body: options } = await ann.agent.post('/2fa/security/webauthn/options').expect(200);
    expect(options.user.id).toBe(ann.handle);
    expect(Buffer.from(ann.handle, 'base64url')).toHaveLength(64);
    const text = Buffer.from(ann.handle, 'base64url').toString('latin1');
    for (const known of ['id-ann', 'ann@example.com', 'ann']) {
      expect(text).not.toContain(known);
      expect(ann.handle).not.toContain(Buffer.from(known).toString('base64url'));
    }
    expect((await accountOf(ann))?.handle).toBe(ann.handle);

    const bob = await ownerOf(ann, localKey(), 'bob');
    expect(bob.handle).not.toBe(ann.handle);
    await ann.agent.post('/2fa/security/webauthn/cancel').expect(200);
    await addKey(ann.agent, localKey()).then(({ status }) => expect(status).toBe(201));
    expect((await accountOf(ann))?.handle).toBe(ann.handle);
  });

  it('F3: the keys that the user has are excluded, and one that is sent all the same is a duplicate', async () => {
    const ann = await annWithKey();
    const { body: options } = await ann.agent.post('/2fa/security/webauthn/options').expect(200);
    expect(options.excludeCredentials).toEqual([
      { id: ann.key.id, type: 'public-key', transports: ['usb', 'nfc'] },
    ]);
    const before = await accountOf(ann);
    expect(told(await addKey(ann.agent, ann.key))).toEqual([409, 'duplicate']);
    expect(await accountOf(ann)).toEqual(before);
  });

  it('F6: is of this login, this user and this purpose, whoever else was given it', async () => {
    const ann = await annWithKey();
    const bob = await ownerOf(ann, localKey(), 'bob');
    const elsewhere = await halfLogin(ann);
    expect((await proveKey(elsewhere, ann.key)).status).toBe(200);
    const foreign = {
      'of another user': await newKeyChallenge(bob.agent),
      'of another login': await newKeyChallenge(elsewhere),
      'of another ceremony': await challengeOf(ann.agent),
      'that nobody was given': Buffer.alloc(32, 5).toString('base64url'),
    };
    const before = await accountOf(ann);
    for (const [whose, challenge] of Object.entries(foreign)) {
      await newKeyChallenge(ann.agent);
      const response = localKey().create(challenge);
      const refused = await ann.agent.post('/2fa/security/webauthn', { response });
      expect([whose, ...told(refused)]).toEqual([whose, ...wrong]);
    }
    expect(await accountOf(ann)).toEqual(before);
  });

  it('F19: the account is the one that was asked, whatever the body says', async () => {
    const ann = await annWithKey();
    const bob = await ownerOf(ann, localKey(), 'bob');
    const [annBefore, key] = [await accountOf(ann), localKey()];
    const response = key.create(await newKeyChallenge(bob.agent));
    const more = { userId: 'id-ann', user: { id: ann.handle }, userHandle: ann.handle, username: 'ann' };
    await bob.agent
      .post('/2fa/security/webauthn', { ...more, response: { ...response, ...more } })
      .expect(201);
    expect(await accountOf(ann)).toEqual(annBefore);
    expect((await keysOf(ann, 'bob')).map(({ credentialId }) => credentialId)).toContain(key.id);
  });
});

describe('A key is added: what the browser says', () => {
  it.each<[string, (honest: Buffer) => Buffer]>([
    ['that is no UTF-8', () => Buffer.from([0xff, 0xfe, 0x7b])],
    ['that says a name twice', (honest) => Buffer.from(`{"type":"webauthn.get",${String(honest).slice(1)}`)],
    ['of nearly a megabyte', (honest) => Buffer.concat([honest, Buffer.alloc(60_000, ' ')])],
    ['that is no object', () => Buffer.from('[]')],
  ])('F4: client data %s is malformed, and costs nothing', (_what, clientBytes) =>
    expectRefused({ clientBytes }, malformed),
  );

  it('F4: a byte order mark is taken or refused', async () => {
    const ann = await annWithKey();
    const bom = Buffer.from([0xef, 0xbb, 0xbf]);
    const added = await addKey(ann.agent, localKey(), {
      clientBytes: (honest) => Buffer.concat([bom, honest]),
    });
    expect([201, 400]).toContain(added.status);
  });

  it('F4: a megabyte is refused before it is read', async () => {
    const { agent } = await annWithKey();
    const response = localKey().create(await newKeyChallenge(agent), {
      clientBytes: (honest) => Buffer.concat([honest, Buffer.alloc(1_000_000, ' ')]),
    });
    const refused = await agent.post('/2fa/security/webauthn', { response });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.status).toBeLessThan(500);
  });

  it('F5: an answer to a request of the step is no new key', async () => {
    const ann = await annWithKey();
    const response = ann.key.get(await newKeyChallenge(ann.agent));
    expect(told(await ann.agent.post('/2fa/security/webauthn', { response }))).toEqual(malformed);
    await expectRefused({ client: { type: 'webauthn.get' } }, wrong);
  });

  it.each([
    'https://localhost:3000',
    'http://localhost',
    'http://localhost:3001',
    'http://sub.localhost:3000',
    'http://localhost.:3000',
    'http://LOCALHOST:3000',
    'http://localhost:3000/',
    'null',
    'http://127.0.0.1:3000',
  ])('F7: a key made at %s is not ours', (origin) => expectRefused({ client: { origin } }, wrong));

  it.each([
    ['no name', { crossOrigin: true }],
    ['its name', { crossOrigin: true, topOrigin: 'https://portal.example.com' }],
    ['its name alone', { topOrigin: 'https://portal.example.com' }],
  ])('F8: in a frame of another site, with %s, no key is added', (_what, client) =>
    expectRefused({ client }, wrong),
  );

  it('F8: unless that site is listed', async () => {
    const ann = await annWithKey({ webauthn: { topOrigins: ['https://portal.example.com'] } });
    const client = { crossOrigin: true, topOrigin: 'https://portal.example.com' };
    expect((await addKey(ann.agent, localKey(), { client })).status).toBe(201);
  });
});

describe('A key is added: what the key says', () => {
  it.each<[string, Lies]>([
    ['of another domain', { rpId: 'example.com' }],
    ['of the domain above', { rpId: 'host' }],
  ])('F9: one %s is wrong', (_what, lies) => expectRefused(lies, wrong));

  it.each<[string, Lies]>([
    ['something left over', { authData: (honest) => Buffer.concat([honest, Buffer.from([0])]) }],
    [
      'a map of no stated length',
      { object: (honest) => Buffer.concat([Buffer.from([0xbf]), honest.subarray(1), Buffer.from([0xff])]) },
    ],
    ['nothing in it', { object: () => Buffer.from([0xa0]) }],
    ['an end that is cut off', { object: (honest) => honest.subarray(0, -1) }],
  ])('F9: an object with %s is malformed', (_what, lies) => expectRefused(lies, malformed));

  it('F10: nobody touched it, or nobody was verified though that was asked for: refused', async () => {
    await expectRefused({ flags: flag.verified }, wrong);
    await expectRefused({ flags: flag.present }, wrong, { webauthn: { userVerification: 'required' } });
    const ann = await annWithKey();
    expect((await addKey(ann.agent, localKey(), { flags: flag.present })).status).toBe(201);
    expect((await keysOf(ann)).map(({ userVerified }) => userVerified)).toEqual([true, false]);
  });

  it('F11: backed up without being eligible for it is malformed', () =>
    expectRefused({ flags: flag.present | flag.verified | flag.backedUp }, malformed));

  it('F12: keys that can be copied are refused where only those of one device are taken, and say so', async () => {
    const only = { webauthn: { deviceBoundOnly: true } };
    const synced = flag.present | flag.verified | flag.eligible | flag.backedUp;
    await expectRefused({ flags: synced }, wrong, only);
    await expectRefused({ flags: flag.present | flag.verified | flag.eligible }, wrong, only);
    const ann = await annWithKey(only);
    const refused = await addKey(ann.agent, localKey(), { flags: synced });
    expect(refused.body.error.message).not.toBe('');
    // It was no guess: nothing is counted, and another key is added right away.
    for (let round = 0; round < 12; round += 1) {
      ann.clock.move(1 * seconds);
      await addKey(ann.agent, localKey(), { flags: synced });
    }
    expect((await addKey(ann.agent, localKey())).status).toBe(201);
  });

  it('F13: of a kind of signature that was not offered it is refused', async () => {
    const es384 = new Map<number, Cbor>([
      [1, 2],
      [3, -35],
      [-1, 2],
      [-2, Buffer.alloc(48, 1)],
      [-3, Buffer.alloc(48, 2)],
    ]);
    await expectRefused({ publicKey: es384 }, wrong);
    const { agent } = await annWithKey();
    const { pubKeyCredParams } = await askedBy(agent, '/2fa/security/webauthn/options');
    expect(pubKeyCredParams?.map(({ alg }) => alg)).toEqual([-8, -7, -257]);
    for (const algorithm of [-8, -7, -257] as const) {
      expect((await addKey(agent, localKey(algorithm))).status).toBe(201);
    }
  });

  it('F14: what its maker says counts only if it leads to a root of ours', async () => {
    const model = Buffer.from('08987058cadc4b81b6e130de50dcbe96', 'hex');
    const [root, impostor] = [certificate('Root', { isCa: true }), certificate('Root', { isCa: true })];
    const saidBy = (issuer: typeof root): Lies => {
      const batch = certificate('Batch', { issuer, aaguid: model });
      const statement = (signed: Buffer) =>
        new Map<string, Cbor>([
          ['alg', -7],
          ['sig', sign('sha256', signed, batch.privateKey)],
          ['x5c', [batch.der, issuer.der]],
        ]);
      return { format: 'packed', statement };
    };
    const host = hostApp({ webauthn: { attestation: { roots: [root.pem] } } });
    const agent = await signedIn(host);
    const { body } = await agent.post('/2fa/security/webauthn/options').expect(200);
    expect(body.attestation).toBe('direct');
    const key = localKey(-7, undefined, model);
    // Its own root comes along: GHSA-6hxq-p678-4hr2.
    for (const lies of [{}, saidBy(impostor)]) {
      host.clock.move(1 * seconds);
      expect(told(await addKey(agent, key, lies))).toEqual(wrong);
    }
    host.clock.move(1 * seconds);
    expect(await accountOf(host)).toBeNull();
    await enrolKey(agent, key, saidBy(root));
    expect(await keysOf(host)).toMatchObject([{ attested: true }]);
  });

  it('F15: an id of 1023 bytes is taken and signs in, one of 1024 is not', async () => {
    const long = localKey(-7, Buffer.alloc(1023, 7));
    const ann = await ownerOf(hostApp(), long);
    expect((await proveKey(await halfLogin(ann), long)).status).toBe(200);
    expect(told(await addKey(ann.agent, localKey(-7, Buffer.alloc(1024, 7))))).toEqual(malformed);
  });

  it('F16: one that another user has is a duplicate, for who has a factor and for who has none', async () => {
    const ann = await annWithKey();
    const bob = await ownerOf(ann, localKey(), 'bob');
    const [annBefore, bobBefore] = [await accountOf(ann), await accountOf(ann, 'bob')];
    const refused = await addKey(bob.agent, ann.key);
    expect(told(refused)).toEqual([409, 'duplicate']);
    expect(await accountOf(ann, 'bob')).toEqual(bobBefore);

    const cyd = await signedIn(ann, 'cyd');
    const begun = await addKey(cyd, ann.key);
    const code = begun.body.backupCodes?.[0];
    const last =
      begun.status === 201 ? await cyd.post('/2fa/security/backup-codes/acknowledge', { code }) : begun;
    expect(told(last)).toEqual([409, 'duplicate']);
    expect(await accountOf(ann, 'cyd')).toBeNull();
    expect(await accountOf(ann)).toEqual(annBefore);
    expect((await proveKey(await halfLogin(ann), ann.key)).status).toBe(200);
    // cyd is not stuck with it.
    await cyd.post('/2fa/security/webauthn/cancel').expect(200);
    await enrolKey(cyd, localKey());
  });

  it('F17: all that a later sign-in needs is stored, and what it was made for', async () => {
    const key = localKey();
    const ann = await ownerOf(hostApp(), key, 'ann', {
      signCount: 41,
      flags: flag.present | flag.verified | flag.eligible,
    });
    expect(await keysOf(ann)).toMatchObject([
      {
        type: 'webauthn',
        credentialId: key.id,
        publicKey: key.publicKey,
        algorithm: -7,
        signCount: 41,
        userVerified: true,
        backupEligible: true,
        backedUp: false,
        transports: ['usb', 'nfc'],
        rpId: 'localhost',
        attested: false,
      },
    ]);
  });

  it('F18: extensions that nobody asked for, or that do not answer, are passed over', async () => {
    const { agent } = await annWithKey();
    const flags = flag.present | flag.verified | flag.extensions;
    const extensions = new Map<string, Cbor>([
      ['credProtect', 2],
      ['made-up', new Map([['a', 1]])],
    ]);
    expect((await addKey(agent, localKey(), { flags, extensions })).status).toBe(201);
    for (const clientExtensionResults of [
      undefined,
      null,
      [],
      'x',
      { credProps: { rk: 'maybe' }, x: { y: [] } },
    ]) {
      expect((await addKey(agent, localKey(), { answer: { clientExtensionResults } })).status).toBe(201);
    }
  });
});
