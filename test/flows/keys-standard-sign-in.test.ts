import { browser, halfLogin } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';
import { addKey, localKey, passkeysApp, proveKey } from '../support/keys';
import { flag, type Lies } from '../support/soft-key';
import {
  accountOf,
  annWithKey,
  askedBy,
  challengeOf,
  keysOf,
  newKeyChallenge,
  ownerOf,
  signIn,
  told,
  userOf,
  type Given,
} from './keys-cast';

const wrong: [number, string] = [401, 'wrong_code'];
const malformed: [number, string] = [400, 'malformed'];
const used: [number, string] = [401, 'code_used'];

/** ann at the step, and her key says something else than it should: nothing is stored, and she stays outside. */
async function expectRefused(lies: Lies, answer: [status: number, code: string], given: Given = {}) {
  const ann = await annWithKey(given);
  const agent = await halfLogin(ann);
  const before = await accountOf(ann);
  expect(told(await proveKey(agent, ann.key, lies))).toEqual(answer);
  expect(await accountOf(ann)).toEqual(before);
  expect(await userOf(agent)).toBeNull();
  // Nothing is spoilt by it.
  ann.clock.move(1 * seconds);
  expect((await proveKey(agent, ann.key)).status).toBe(200);
}

describe('A key signs in: the challenge', () => {
  it('F1: two tabs of one half login are both good, and once one was answered the other is over', async () => {
    for (const first of [0, 1] as const) {
      const ann = await annWithKey();
      const agent = await halfLogin(ann);
      const challenges = [await challengeOf(agent), await challengeOf(agent)] as const;
      await agent.post('/2fa/webauthn', { response: ann.key.get(challenges[first]) }).expect(200);
      // The other tab has the new session by now; the challenge was for a sign-in that is over.
      const late = await agent.post('/2fa/webauthn', { response: ann.key.get(challenges[1 - first] ?? '') });
      expect(late.status).toBe(401);
    }
  });

  it('F1: two tabs that confirm: one is answered, and both challenges are used', async () => {
    const { agent, key, clock } = await annWithKey();
    const [one, two] = [await challengeOf(agent), await challengeOf(agent)];
    await agent.post('/2fa/webauthn', { response: key.get(one) }).expect(200);
    clock.move(1 * seconds);
    for (const challenge of [one, two]) {
      const refused = await agent.post('/2fa/webauthn', { response: key.get(challenge) });
      expect(told(refused)).toEqual(used);
      expect(refused.body.error).not.toHaveProperty('triesLeft');
    }
  });

  it('F1: an older one in a second browser is over once the user got in, and costs no try there', async () => {
    const ann = await annWithKey();
    const [one, other] = [await halfLogin(ann), await halfLogin(ann)];
    const older = await challengeOf(other);
    expect((await proveKey(one, ann.key)).status).toBe(200);
    const before = await accountOf(ann);
    for (let round = 0; round < 6; round += 1) {
      expect(told(await other.post('/2fa/webauthn', { response: ann.key.get(older) }))).toEqual(used);
    }
    expect(await accountOf(ann)).toEqual(before);
    ann.clock.move(1 * seconds);
    expect((await proveKey(other, ann.key)).status).toBe(200);
  });

  it('F1: is over after five minutes, by the clock, and costs no try', async () => {
    const ann = await annWithKey();
    const agent = await halfLogin(ann);
    const challenge = await challengeOf(agent);
    const response = ann.key.get(challenge);
    ann.clock.move(5 * minutes - 1);
    const other = await halfLogin(ann);
    expect(told(await other.post('/2fa/webauthn', { response }))).toEqual(wrong);
    const before = await accountOf(ann);
    ann.clock.move(1);
    for (let round = 0; round < 6; round += 1) {
      expect(told(await agent.post('/2fa/webauthn', { response }))).toEqual(used);
    }
    expect(await accountOf(ann)).toEqual(before);
    expect((await proveKey(agent, ann.key)).status).toBe(200);
  });

  it('F1: one of a passkey is over after five minutes too', async () => {
    const ann = await ownerOf(passkeysApp());
    const agent = browser(ann.app);
    const { body } = await agent.post('/2fa/passkey/options').expect(200);
    const response = ann.key.get(body.options.challenge, { userHandle: ann.handle });
    ann.clock.move(5 * minutes);
    expect(told(await agent.post('/2fa/passkey', { response }))).toEqual(used);
    expect(await userOf(agent)).toBeNull();
  });

  it('F22, F6: is of this login, this user and this purpose', async () => {
    const ann = await ownerOf(passkeysApp());
    const bob = await ownerOf(ann, localKey(), 'bob');
    const [agent, elsewhere, bobs] = [
      await halfLogin(ann),
      await halfLogin(ann),
      await halfLogin(bob, 'bob'),
    ];
    const foreign = {
      'of another login': await challengeOf(elsewhere),
      'of another user': await challengeOf(bobs),
      'of a confirmation': await challengeOf(ann.agent),
      'of an enrolment': await newKeyChallenge(ann.agent),
      'of a passkey': (await agent.post('/2fa/passkey/options').expect(200)).body.options.challenge,
    };
    const before = await accountOf(ann);
    let triesLeft = 5;
    for (const [whose, challenge] of Object.entries(foreign)) {
      await challengeOf(agent);
      const refused = await agent.post('/2fa/webauthn', { response: ann.key.get(challenge) });
      triesLeft -= 1;
      expect([whose, refused.body.error]).toMatchObject([whose, { code: 'wrong_code', triesLeft }]);
    }
    expect(await accountOf(ann)).toEqual(before);
    expect(told(await proveKey(elsewhere, ann.key))).toEqual([200, undefined]);
    // Five wrong ones end a half login, and no other.
    const over = await agent.post('/2fa/webauthn', { response: ann.key.get('AAAA') });
    expect(told(over)).toEqual([401, 'half_login_ended']);
  });

  it('F22: a challenge of the step lets no passkey in, nor one of a passkey another browser', async () => {
    const ann = await ownerOf(passkeysApp());
    const agent = await halfLogin(ann);
    await agent.post('/2fa/passkey/options').expect(200);
    const response = ann.key.get(await challengeOf(agent), { userHandle: ann.handle });
    expect(told(await agent.post('/2fa/passkey', { response }))).toEqual([401, 'code_used']);
    expect(await userOf(agent)).toBeNull();
  });

  it('F22: a new key is no answer, nor one for another purpose', async () => {
    const ann = await annWithKey();
    const agent = await halfLogin(ann);
    const response = ann.key.create(await challengeOf(agent));
    expect(told(await agent.post('/2fa/webauthn', { response }))).toEqual(malformed);
    await expectRefused({ client: { type: 'webauthn.create' } }, wrong);
  });
});

describe('A key signs in: whose it is', () => {
  it('F20: only keys that were asked for: none that was removed, and no key of a kind that is off', async () => {
    const ann = await annWithKey();
    const second = localKey();
    const { body: added } = await addKey(ann.agent, second);
    const agent = await halfLogin(ann);
    const { allowCredentials, challenge } = await askedBy(agent, '/2fa/webauthn/options');
    expect(allowCredentials?.map(({ id }) => id)).toEqual([ann.key.id, second.id]);

    await ann.agent.post(`/2fa/security/factors/${added.factor.id}/remove`).expect(200);
    // The half login ended with it; in a new one the key is a stranger.
    const late = await agent.post('/2fa/webauthn', { response: second.get(challenge) });
    expect(told(late)).toEqual([401, 'sign_in_required']);
    expect(told(await signIn(ann, {}, second))).toEqual(wrong);
    expect((await signIn(ann)).status).toBe(200);

    const off = hostApp({ accounts: ann.options.accounts, webauthn: false, clock: ann.clock });
    const half = await halfLogin(off);
    expect(told(await half.post('/2fa/webauthn/options'))).toEqual([404, 'not_found']);
    expect((await half.post('/2fa/webauthn', { response: ann.key.get('AAAA') })).status).toBe(404);
    expect(await userOf(half)).toBeNull();
  });

  it('F21: the key of another user proves nothing, whoever it says to be', async () => {
    const ann = await annWithKey();
    const bob = await ownerOf(ann, localKey(), 'bob');
    const bobBefore = await accountOf(ann, 'bob');
    for (const userHandle of [undefined, null, ann.handle, bob.handle]) {
      const lies = userHandle === undefined ? {} : { userHandle };
      expect(told(await signIn(ann, lies, bob.key))).toEqual(wrong);
    }
    const bodies = [{ userId: 'id-bob' }, { userHandle: bob.handle }, { user: 'bob' }];
    for (const body of bodies) {
      const agent = await halfLogin(ann);
      const response = bob.key.get(await challengeOf(agent));
      expect(told(await agent.post('/2fa/webauthn', { ...body, response }))).toEqual(wrong);
    }
    expect(await accountOf(ann, 'bob')).toEqual(bobBefore);
  });

  it('F21: her own key is refused when it says to be somebody else’s', async () => {
    await expectRefused({ userHandle: Buffer.alloc(64, 1).toString('base64url') }, wrong);
    const ann = await annWithKey();
    expect((await signIn(ann, { userHandle: ann.handle })).status).toBe(200);
    expect((await signIn(ann, { userHandle: null })).status).toBe(200);
  });

  it.each([
    ['left out', undefined],
    ['null', null],
  ])(
    'F18: what a password manager has not got may be %s, when a key is added, as second factor and alone',
    async (_how, none) => {
      const answer = { rawId: none, authenticatorAttachment: none, clientExtensionResults: none };
      const [made, got] = [
        { answer, response: { transports: none } },
        { answer, response: { userHandle: none } },
      ];
      const ann = await ownerOf(passkeysApp(), localKey(), 'ann', made);
      expect((await signIn(ann, got)).status).toBe(200);
      ann.clock.move(1 * seconds);
      const agent = browser(ann.app);
      const { body } = await agent.post('/2fa/passkey/options').expect(200);
      const response = ann.key.get(body.options.challenge, { answer, userHandle: ann.handle });
      await agent.post('/2fa/passkey', { response }).expect(200);
      expect(await userOf(agent)).toBe('id-ann');
    },
  );

  it('F21: a passkey must say whose it is, and is looked up in that account alone', async () => {
    const ann = await ownerOf(passkeysApp());
    const bob = await ownerOf(ann, localKey(), 'bob');
    ann.clock.move(1 * seconds);
    for (const userHandle of [null, bob.handle, 'bm9ib2R5']) {
      const agent = browser(ann.app);
      const { body } = await agent.post('/2fa/passkey/options').expect(200);
      const response = ann.key.get(body.options.challenge, { userHandle });
      expect(told(await agent.post('/2fa/passkey', { response, userId: 'id-ann' }))).toEqual(wrong);
      expect(await userOf(agent)).toBeNull();
    }
  });
});

describe('A key signs in: what it says', () => {
  it.each([
    'https://localhost:3000',
    'http://localhost:3001',
    'http://localhost',
    'http://sub.localhost:3000',
    'http://localhost.:3000',
    'http://LOCALHOST:3000',
    'null',
  ])('F22, F7: at %s it is wrong', (origin) => expectRefused({ client: { origin } }, wrong));

  it.each([
    ['without a name', { crossOrigin: true }],
    ['with its name', { crossOrigin: true, topOrigin: 'https://portal.example.com' }],
  ])('F22, F8: in a frame of another site, %s, it is refused', (_what, client) =>
    expectRefused({ client }, wrong),
  );

  it.each<[string, Lies]>([
    ['F23: for another domain', { rpId: 'example.com' }],
    ['F23: not touched', { flags: flag.verified }],
    ['F25: with a signature of nothing', { signature: () => Buffer.from([0x30, 0x06, 2, 1, 0, 2, 1, 0]) }],
    ['F25: over other data', { sentAuthData: (signed) => Buffer.from(signed).fill(9, 33, 37) }],
  ])('%s it is wrong', (_what, lies) => expectRefused(lies, wrong));

  it.each<[string, Lies]>([
    ['F24: backed up and not eligible', { flags: flag.present | flag.backedUp }],
    [
      'F22: client data that says a name twice',
      { clientBytes: (honest) => Buffer.from(`{"origin":"x",${String(honest).slice(1)}`) },
    ],
    ['F22: no signature', { response: { signature: '' } }],
    ['F22: a signature that is none', { response: { signature: ['a'] } }],
  ])('%s is malformed', (_what, lies) => expectRefused(lies, malformed));

  it('F23: verification is held to what was asked for, and noted in the proof', async () => {
    await expectRefused({ flags: flag.present }, wrong, { webauthn: { userVerification: 'required' } });
    const ann = await annWithKey();
    for (const [flags, userVerified] of [
      [flag.present, undefined],
      [flag.present | flag.verified, true],
    ] as const) {
      ann.clock.move(1 * seconds);
      const agent = await halfLogin(ann);
      expect((await proveKey(agent, ann.key, { flags })).status).toBe(200);
      const { body } = await agent.get('/me');
      expect(body.twoFactor.proofs[0].userVerified).toBe(userVerified);
    }
  });

  it('F23: one that verified nobody never signs in alone', async () => {
    const ann = await ownerOf(passkeysApp());
    const agent = browser(ann.app);
    const before = await accountOf(ann);
    const { body } = await agent.post('/2fa/passkey/options').expect(200);
    const response = ann.key.get(body.options.challenge, { userHandle: ann.handle, flags: flag.present });
    expect(told(await agent.post('/2fa/passkey', { response }))).toEqual(wrong);
    expect(await userOf(agent)).toBeNull();
    expect(await accountOf(ann)).toEqual(before);
  });

  it('F24: that it can be copied never changes: refused, unchanged, and told', async () => {
    const ann = await annWithKey();
    const events: unknown[] = [];
    ann.twoFactor.on('key.suspicious', (event) => events.push(event));
    const before = await accountOf(ann);
    const flags = flag.present | flag.verified | flag.eligible;
    expect((await signIn(ann, { flags })).status).toBe(401);
    expect(await accountOf(ann)).toEqual(before);
    const [key] = await keysOf(ann);
    expect(events).toMatchObject([
      { factorId: key?.id, reason: 'backup_eligibility_changed', accepted: false },
    ]);
    expect((await signIn(ann)).status).toBe(200);
  });

  it('F25: another spelling of a signature is no second one', async () => {
    const { agent, key } = await annWithKey();
    const response = key.get(await challengeOf(agent));
    const spelled = Buffer.concat([
      Buffer.from(String(Reflect.get(response.response, 'signature')), 'base64url'),
      Buffer.from([0]),
    ]);
    const again = {
      ...response,
      response: { ...response.response, signature: spelled.toString('base64url') },
    };
    const answers = await Promise.all([
      agent.post('/2fa/webauthn', { response }),
      agent.post('/2fa/webauthn', { response: again }),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('F26: 0 after 0 is always right; the same count or one below is refused and told', async () => {
    const ann = await annWithKey();
    const events: { reason: string; accepted: boolean }[] = [];
    ann.twoFactor.on('key.suspicious', ({ reason, accepted }) => events.push({ reason, accepted }));
    for (const signCount of [0, 0, 0, 5]) expect((await signIn(ann, { signCount })).status).toBe(200);
    expect(events).toEqual([]);
    const before = await accountOf(ann);
    for (const signCount of [5, 4, 0]) expect((await signIn(ann, { signCount })).status).toBe(401);
    expect(await accountOf(ann)).toEqual(before);
    expect(events).toEqual(Array.from({ length: 3 }, () => ({ reason: 'sign_count', accepted: false })));
    expect((await signIn(ann, { signCount: 6 })).status).toBe(200);
    expect(await keysOf(ann)).toMatchObject([{ signCount: 6 }]);
  });

  it('F26: of two honest windows the later count may come first: the other asks again, and no alarm', async () => {
    const ann = await annWithKey();
    const events: unknown[] = [];
    ann.twoFactor.on('key.suspicious', (event) => events.push(event));
    const [one, other] = [await halfLogin(ann), await halfLogin(ann)];
    const [first, second] = [await challengeOf(one), await challengeOf(other)];
    const six = ann.key.get(first, { signCount: 6 });
    const seven = ann.key.get(second, { signCount: 7 });
    ann.clock.move(1 * seconds);
    await other.post('/2fa/webauthn', { response: seven }).expect(200);
    expect(told(await one.post('/2fa/webauthn', { response: six }))).toEqual(used);
    expect(events).toEqual([]);
    ann.clock.move(1 * seconds);
    expect((await proveKey(one, ann.key, { signCount: 8 })).status).toBe(200);
  });

  it('F27: a right answer notes the count, the backup and the use, and nothing else', async () => {
    const synced = flag.present | flag.eligible;
    const ann = await ownerOf(hostApp(), localKey(), 'ann', { flags: synced });
    const [before] = await keysOf(ann);
    const flags = synced | flag.verified | flag.backedUp;
    expect((await signIn(ann, { flags, signCount: 9 })).status).toBe(200);
    const [after] = await keysOf(ann);
    expect(after).toEqual({
      ...before,
      signCount: 9,
      backedUp: true,
      usedUpTo: expect.any(Number),
      lastUsedAt: ann.clock.now(),
    });
    expect(after?.userVerified).toBe(false);
  });
});
