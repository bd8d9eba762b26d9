import { browser, errorCode, halfLogin } from '../support/browser-agent';
import type { Cbor } from '../support/cbor';
import { minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';
import { addKey, enrolKey, localKey, passkeysApp, proveKey } from '../support/keys';
import { flag, softKey, type Lies } from '../support/soft-key';
import { accountOf, annWithKey, askedBy, keysOf, ownerOf, signedIn, signIn, told } from '../flows/keys-cast';

const synced = flag.present | flag.verified | flag.eligible | flag.backedUp;
const bound = flag.present | flag.verified;

describe('An origin as people write it', () => {
  it.each([
    ['https://X.ORG', 'https://x.org'],
    ['https://x.org/', 'https://x.org'],
    ['https://x.org/app', 'https://x.org'],
    ['https://x.org/app/', 'https://x.org'],
    ['https://x.org:443', 'https://x.org'],
    ['https://x.org:8443', 'https://x.org:8443'],
    ['https://\u00fa\u010det.example', 'https://xn--et-qka0f.example'],
    ['http://LOCALHOST:3000/', 'http://localhost:3000'],
    ['http://localhost:80', 'http://localhost'],
  ])('%s: keys work where browsers say %s', async (given, origin) => {
    const host = hostApp({ origin: given });
    const key = softKey(-7, undefined, undefined, {
      rpId: new URL(given).hostname,
      origin: new URL(given).origin,
    });
    expect(new URL(given).origin).toBe(origin);
    const agent = browser(host.app, new URL(given).origin);
    await agent.signIn('ann').expect(200);
    await enrolKey(agent, key);
    host.clock.move(1 * seconds);
    const again = browser(host.app, new URL(given).origin);
    await again.signIn('ann').expect(401);
    expect((await proveKey(again, key)).status).toBe(200);
  });

  it.each(['http://127.0.0.1:3000', 'http://[::1]:3000', 'https://10.0.0.7'])(
    '%s: browsers make no keys there, so the rest is offered and no script gets a raw error',
    async (origin) => {
      const host = hostApp({ origin });
      const agent = browser(host.app, origin);
      await agent.signIn('ann').expect(200);
      const { body } = await agent.get('/2fa/security').expect(200);
      const available = Object.fromEntries(
        (body as { types: { type: string; available: boolean }[] }).types.map((one) => [
          one.type,
          one.available,
        ]),
      );
      expect(available).toMatchObject({ totp: true, webauthn: false });
      expect(told(await agent.post('/2fa/security/webauthn/options'))).toEqual([404, 'not_found']);
      expect(told(await agent.post('/2fa/security/webauthn', { response: {} }))).toEqual([404, 'not_found']);
      expect(told(await agent.get('/2fa/security/webauthn'))).toEqual([404, 'not_found']);
      await agent.page('/2fa/security').expect(200);
    },
  );

  it('several of them, all of one domain, share their keys', async () => {
    const origins = [
      'https://WWW.x.org/',
      'android:apk-key-hash:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
    ];
    const host = hostApp({ origin: 'https://admin.x.org/app', webauthn: { origins, rpId: 'X.org' } });
    const made = (origin: string) => softKey(-7, undefined, undefined, { rpId: 'x.org', origin });
    const agent = browser(host.app, 'https://admin.x.org');
    await agent.signIn('ann').expect(200);
    await enrolKey(agent, made('https://admin.x.org'));
    expect((await addKey(agent, made('https://www.x.org'))).status).toBe(201);
    expect((await addKey(agent, made(origins[1] ?? ''))).status).toBe(201);
    expect((await addKey(agent, made('https://shop.x.org'))).status).toBe(401);
  });
});

describe('What browsers say of how a key is reached', () => {
  it.each<[string, unknown, string[] | undefined]>([
    ['missing', undefined, undefined],
    ['null', null, undefined],
    ['empty', [], undefined],
    ['blank', ['', ' '], undefined],
    ['a text', 'usb', undefined],
    ['a map', { usb: true }, undefined],
    ['a list of odd things', [null, 1, {}, 'usb'], ['usb']],
    ['outdated', ['cable', 'lightning'], ['cable', 'lightning']],
    ['of tomorrow', ['smart-card', 'telepathy'], ['smart-card', 'telepathy']],
    ['said twice', ['nfc', 'nfc', 'usb'], ['nfc', 'usb']],
    [
      'fifty entries',
      Array.from({ length: 50 }, (_, at) => `t${at}`),
      ['t0', 't1', 't2', 't3', 't4', 't5', 't6', 't7'],
    ],
    ['markup', ['<b>', 'usb'], ['usb']],
  ])(
    '%s: the key is added and signs in, and is asked for by what is left',
    async (_what, transports, kept) => {
      const lies: Lies = { response: { transports } };
      const ann = await ownerOf(hostApp(), localKey(), 'ann', lies);
      const other = await addKey(ann.agent, localKey(), { response: { transports: ['ble'] } });
      expect(other.status).toBe(201);
      const agent = await halfLogin(ann);
      const { allowCredentials } = await askedBy(agent, '/2fa/webauthn/options');
      expect(allowCredentials?.map(({ transports: given }) => given)).toEqual([kept, ['ble']]);
      expect((await proveKey(agent, ann.key)).status).toBe(200);
      const page = await ann.agent.page('/2fa/security').expect(200);
      expect(page.text).not.toMatch(/unknown|undefined|telepathy|&lt;b/i);
    },
  );
});

describe('The counter of a key', () => {
  it('of a device: 0 stays 0; one that falls, or stays, is refused with an event, and costs no try of codes', async () => {
    const ann = await annWithKey();
    const events: string[] = [];
    ann.twoFactor.on('key.suspicious', ({ reason, accepted }) => events.push(`${reason} ${accepted}`));
    const seen = async (signCount: number) => (await signIn(ann, { signCount })).status;
    expect([await seen(0), await seen(0), await seen(0)]).toEqual([200, 200, 200]);
    expect([await seen(7), await seen(0), await seen(7), await seen(8)]).toEqual([200, 401, 401, 200]);
    expect([
      await seen(2 ** 32 - 1),
      await seen(2 ** 32 - 2),
      await seen(2 ** 32 - 1),
      await seen(0),
    ]).toEqual([200, 401, 401, 401]);
    expect(events).toEqual(Array.from({ length: 5 }, () => 'sign_count false'));
    const account = await accountOf(ann);
    for (const lane of Object.values(account?.lanes ?? {})) {
      expect(lane.wrong).toBe(0);
      expect(lane.left).toBeGreaterThanOrEqual(10);
    }
  });

  it('of a synced one: one that falls is taken, noted and told', async () => {
    const ann = await ownerOf(hostApp(), localKey(), 'ann', { flags: synced });
    const events: string[] = [];
    ann.twoFactor.on('key.suspicious', ({ reason, accepted }) => events.push(`${reason} ${accepted}`));
    for (const signCount of [0, 0, 0, 7, 0, 5, 4, 2 ** 32 - 1]) {
      expect((await signIn(ann, { signCount, flags: synced })).status).toBe(200);
      expect(await keysOf(ann)).toMatchObject([{ signCount }]);
    }
    expect(events).toEqual(['sign_count true', 'sign_count true']);
  });
});

describe('What a maker says although nobody asked', () => {
  it.each<[string, Lies]>([
    [
      'packed',
      {
        format: 'packed',
        statement: () =>
          new Map<string, Cbor>([
            ['alg', -7],
            ['sig', Buffer.alloc(70, 1)],
          ]),
      },
    ],
    [
      'fido-u2f',
      {
        format: 'fido-u2f',
        statement: () =>
          new Map<string, Cbor>([
            ['sig', Buffer.alloc(70, 1)],
            ['x5c', [Buffer.alloc(9)]],
          ]),
      },
    ],
    ['apple', { format: 'apple', statement: () => new Map<string, Cbor>([['x5c', [Buffer.alloc(9)]]]) }],
    ['a format of its own', { format: 'made-up', statement: () => new Map<string, Cbor>([['x', 'y']]) }],
    ['a format without a name', { format: '' }],
  ])('is not read: %s, with a model or all zeros', async (_what, lies) => {
    for (const aaguid of [Buffer.alloc(16), Buffer.alloc(16, 0xab)]) {
      const host = hostApp();
      const agent = await signedIn(host);
      const asked = await askedBy(agent, '/2fa/security/webauthn/options');
      expect(asked.attestation).toBe('none');
      const added = await addKey(agent, localKey(-7, undefined, aaguid), lies);
      expect(added.status).toBe(201);
      expect(added.body.factor.label).toBe('Security key');
    }
  });

  it('under a list of models: the rest is refused in words, whatever the format, and costs no try', async () => {
    const allow = ['08987058-cadc-4b81-b6e1-30de50dcbe96'];
    const host = hostApp({ webauthn: { attestation: { allow } } });
    const agent = await signedIn(host);
    expect((await askedBy(agent, '/2fa/security/webauthn/options')).attestation).toBe('direct');
    for (const format of [
      'none',
      'packed',
      'fido-u2f',
      'apple',
      'tpm',
      'android-key',
      'android-safetynet',
      'made-up',
    ]) {
      for (const aaguid of [Buffer.alloc(16), Buffer.alloc(16, 0xab)]) {
        host.clock.move(1 * seconds);
        const refused = await addKey(agent, localKey(-7, undefined, aaguid), { format });
        expect([format, ...told(refused)]).toEqual([format, 401, 'wrong_code']);
        expect(refused.body.error.message).toMatch(/make/);
        expect(refused.body.error).not.toHaveProperty('triesLeft');
      }
    }
    host.clock.move(1 * seconds);
    const listed = localKey(-7, undefined, Buffer.from('08987058cadc4b81b6e130de50dcbe96', 'hex'));
    expect((await addKey(agent, listed, { format: 'made-up' })).status).toBe(401);
    await enrolKey(agent, listed);
  });
});

describe('A key that is only a second factor', () => {
  it.each([
    ['off', hostApp, 'discouraged'],
    ['on', passkeysApp, 'preferred'],
  ] as const)(
    'passkeys %s: it is asked to keep nothing, and for a PIN only if it has one',
    async (_what, app, residentKey) => {
      const ann = await ownerOf(app());
      const { authenticatorSelection } = await askedBy(ann.agent, '/2fa/security/webauthn/options');
      expect(authenticatorSelection).toMatchObject({ residentKey, userVerification: 'preferred' });
      expect(authenticatorSelection).not.toMatchObject({ requireResidentKey: true });
      const asked = await askedBy(await halfLogin(ann), '/2fa/webauthn/options');
      expect(asked.userVerification).toBe('preferred');
    },
  );

  it('of the old kind (U2F: ES256, a touch, no PIN, no model) is added and signs in', async () => {
    const key = localKey(-7, Buffer.alloc(64, 3));
    const ann = await ownerOf(hostApp(), key, 'ann', { flags: flag.present, format: 'fido-u2f' });
    expect((await signIn(ann, { flags: flag.present, signCount: 1 })).status).toBe(200);
  });

  it('can be held to a PIN, by an option', async () => {
    const given = { webauthn: { userVerification: 'required' } } as const;
    const ann = await annWithKey(given);
    expect((await askedBy(await halfLogin(ann), '/2fa/webauthn/options')).userVerification).toBe('required');
    expect((await signIn(ann, { flags: flag.present })).status).toBe(401);
    expect((await signIn(ann, { flags: bound })).status).toBe(200);
  });
});

describe('The clock goes back', () => {
  it('and of the challenges of one login the newest is always good', async () => {
    const ann = await annWithKey();
    expect((await signIn(ann)).status).toBe(200);
    ann.clock.move(-10 * minutes);
    for (let round = 0; round < 8; round += 1) {
      const agent = await halfLogin(ann);
      for (let tab = 0; tab < 4; tab += 1) {
        await askedBy(agent, '/2fa/webauthn/options');
        ann.clock.move(1 * seconds);
      }
      const answer = await proveKey(agent, ann.key);
      expect([answer.status, errorCode(answer)]).toEqual([200, undefined]);
    }
  });
});
