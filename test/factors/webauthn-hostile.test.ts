import { readClientData } from '../../lib/factors/client-data';
import { checkAssertion } from '../../lib/factors/webauthn-assertion';
import { checkRegistration } from '../../lib/factors/webauthn-registration';
import { site, softKey } from '../support/soft-key';
import { ask, asFactor, judge, register, signIn, withKeys } from './key-ceremony';

const key = softKey();
const account = withKeys([asFactor(key)]);
const sent = (text: string) => ({ clientBytes: () => Buffer.from(text) });
const bytes = (text: string) => Buffer.from(text);
const honest = `"challenge":"c","origin":"${site.origin}"`;

describe('client data', () => {
  const malformed = { ok: false, problem: 'malformed', field: 'clientDataJSON' };

  it.each<[string, (honest: Buffer) => Buffer]>([
    ['no JSON', () => bytes('{')],
    ['a list', () => bytes('[]')],
    ['null', () => bytes('null')],
    ['a text', () => bytes('"webauthn.get"')],
    [
      'no UTF-8',
      (text) =>
        Buffer.concat([text.subarray(0, -1), Buffer.from([0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]),
    ],
    ['UTF-16', (text) => Buffer.from(`\uFEFF${text.toString()}`, 'utf16le')],
    ['4 000 lists in one another', () => bytes('['.repeat(4000))],
    ['1 MB', (text) => Buffer.concat([text, Buffer.alloc(1_000_000, 0x20)])],
  ])('F4: that is %s is malformed, in both ceremonies', async (_what, clientBytes) => {
    expect(await signIn(account, key, { clientBytes })).toEqual(malformed);
    expect(await register(withKeys([]), softKey(), { clientBytes })).toEqual(malformed);
  });

  it.each([
    `{"type":"webauthn.get",${honest},"origin":"https://evil.test"}`,
    `{"type":"webauthn.get","type":"webauthn.get",${honest}}`,
    `{"type":"webauthn.get",${honest},"\\u006frigin":"${site.origin}"}`,
    `{"type":"webauthn.get",${honest},"x":1,"x":2}`,
  ])('F4: with a name given twice is malformed: %s', (text) => {
    expect(readClientData(bytes(text))).toBeNull();
  });

  it.each([
    ['type', 1],
    ['type', undefined],
    ['challenge', null],
    ['challenge', ['c']],
    ['origin', { toString: 1 }],
    ['crossOrigin', 'false'],
    ['crossOrigin', null],
    ['topOrigin', 1],
  ])('F4: with a %s that is %j is malformed', async (name, value) => {
    expect(await signIn(account, key, { client: { [name]: value } })).toEqual(malformed);
  });

  it('F4: may have its members in any order, and members we don’t know, with names of ours inside', () => {
    const text = `{"x":{"origin":"a","origin":"b","type":[{"type":1}]},"y":"\\"origin\\":{[",${honest},"type":"webauthn.get","__proto__":{"crossOrigin":true}}`;
    expect(readClientData(bytes(text))).toEqual({
      type: 'webauthn.get',
      challenge: 'c',
      origin: site.origin,
      crossOrigin: false,
      topOrigin: null,
    });
  });

  it('F4: members that only a prototype has are not there', async () => {
    const text = `{"challenge":"c","origin":"${site.origin}","__proto__":{"type":"webauthn.get"}}`;
    expect(readClientData(bytes(text))).toBeNull();
    expect(await signIn(account, key, sent(text))).toEqual(malformed);
  });

  it('extra members and a byte order mark are signed along and pass', async () => {
    const client = { other_keys_can_be_added_here: 'do not compare clientDataJSON against a template' };
    expect((await signIn(account, key, { client })).ok).toBe(true);
    const clientBytes = (text: Buffer) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), text]);
    expect((await signIn(account, key, { clientBytes })).ok).toBe(true);
    expect((await register(withKeys([]), softKey(), { clientBytes })).ok).toBe(true);
  });
});

describe('the answer itself', () => {
  const { challenge, expected } = ask(account);
  const enrol = ask(withKeys([]), { ceremony: 'enrol' });
  const right = key.get(challenge);
  const created = softKey().create(enrol.challenge);

  it.each([
    undefined,
    null,
    0,
    true,
    '',
    'x',
    '[]',
    '{}',
    [],
    {},
    { response: null },
    { response: 'x' },
    () => right,
  ])('%p is malformed', async (input) => {
    expect(await checkAssertion(account, input, expected)).toEqual({
      ok: false,
      problem: 'malformed',
      field: 'response',
    });
    expect(await checkRegistration(account, input, enrol.expected)).toEqual({
      ok: false,
      problem: 'malformed',
      field: 'response',
    });
  });

  const texts = [
    undefined,
    null,
    1,
    {},
    [],
    '',
    ' ',
    '=',
    'a',
    'ab==',
    'a+/b',
    'AB',
    'é',
    'x'.repeat(40_000),
  ];
  const changed = (of: typeof right, field: string, text: unknown) =>
    field === 'id' ? { ...of, id: text } : { ...of, response: { ...of.response, [field]: text } };

  it.each(['id', 'clientDataJSON', 'authenticatorData', 'signature'])(
    'an assertion whose %s is no base64url of its length is malformed',
    async (field) => {
      for (const text of texts)
        expect(await checkAssertion(account, changed(right, field, text), expected)).toEqual({
          ok: false,
          problem: 'malformed',
          field,
        });
    },
  );

  it.each(['id', 'clientDataJSON', 'attestationObject'])(
    'a registration whose %s is no base64url of its length is malformed',
    async (field) => {
      for (const text of texts)
        expect(await checkRegistration(withKeys([]), changed(created, field, text), enrol.expected)).toEqual({
          ok: false,
          problem: 'malformed',
          field,
        });
    },
  );

  it.each<[string, object]>([
    ['rawId', { rawId: 'AAAA' }],
    ['rawId', { rawId: 0 }],
    ['type', { type: 'password' }],
    ['type', { type: undefined }],
    ['userHandle', { response: { ...right.response, userHandle: 1 } }],
    ['userHandle', { response: { ...right.response, userHandle: 'a' } }],
    ['userHandle', { response: { ...right.response, userHandle: Buffer.alloc(65).toString('base64url') } }],
  ])('a wrong %s is malformed: %j', async (field, change) => {
    expect(await checkAssertion(account, { ...right, ...change }, expected)).toEqual({
      ok: false,
      problem: 'malformed',
      field,
    });
  });

  it('what password managers leave out is not missed, and what they add is passed over', async () => {
    const { clientDataJSON, authenticatorData, signature } = right.response as Record<string, unknown>;
    const bare = {
      id: right.id,
      type: 'public-key',
      response: { clientDataJSON, authenticatorData, signature },
    };
    const more = {
      ...right,
      authenticatorAttachment: 'telepathic',
      x: { y: 1 },
      clientExtensionResults: null,
    };
    const nothing = {
      ...bare,
      rawId: null,
      authenticatorAttachment: null,
      clientExtensionResults: null,
      response: { ...bare.response, userHandle: null },
    };
    for (const input of [
      bare,
      nothing,
      { ...nothing, rawId: '', response: { ...bare.response, userHandle: '' } },
      more,
      JSON.stringify(right),
      Object.assign(Object.create(null) as object, right),
    ])
      expect((await judge(account, input, expected)).ok).toBe(true);
    const { attestationObject, clientDataJSON: client } = created.response as Record<string, unknown>;
    const plain = {
      id: created.id,
      type: 'public-key',
      response: { clientDataJSON: client, attestationObject },
    };
    const empty = {
      ...plain,
      rawId: null,
      authenticatorAttachment: null,
      clientExtensionResults: null,
      response: {
        ...plain.response,
        transports: null,
        publicKeyAlgorithm: null,
        publicKey: null,
        authenticatorData: null,
      },
    };
    for (const input of [plain, empty, JSON.stringify(empty)])
      expect((await checkRegistration(withKeys([]), input, enrol.expected)).ok).toBe(true);
  });

  it('what only a prototype has was not sent', async () => {
    const inherited: unknown = Object.create(right);
    expect(await checkAssertion(account, inherited, expected)).toEqual({
      ok: false,
      problem: 'malformed',
      field: 'response',
    });
    const tricky: unknown = JSON.parse(`{"__proto__":${JSON.stringify(right)}}`);
    expect(await checkAssertion(account, tricky, expected)).toEqual({
      ok: false,
      problem: 'malformed',
      field: 'response',
    });
  });
});
