import fc from 'fast-check';
import type { Response } from 'supertest';
import { browser, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { isExhaustive } from '../support/exhaustive';
import { localKey, passkeysApp } from '../support/keys';
import { accountOf, askedBy, ownerOf, type Owner } from '../flows/keys-cast';

const RUNS = process.env.TEST_LONG ? 2000 : isExhaustive ? 60 : 15;

interface Honest {
  readonly response: Readonly<Record<string, unknown>>;
}

/** Anything at all, or an honest answer of which something was changed. */
type Change = (honest: Honest) => unknown;

const members = [
  'id',
  'rawId',
  'type',
  'clientExtensionResults',
  'response',
  'authenticatorAttachment',
  '__proto__',
];
const inner = [
  'clientDataJSON',
  'attestationObject',
  'authenticatorData',
  'signature',
  'userHandle',
  'transports',
];
const text = fc.oneof(
  fc.string(),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
);
const value = fc.oneof(text, fc.jsonValue(), fc.constant(undefined));

const bytesChanged: fc.Arbitrary<Change> = fc
  .record({
    name: fc.constantFrom(...inner),
    at: fc.nat(),
    by: fc.integer({ min: 1, max: 255 }),
    cut: fc.boolean(),
  })
  .map(({ name, at, by, cut }) => (honest: Honest) => {
    const given = honest.response[name];
    if (typeof given !== 'string') return honest;
    const bytes = Buffer.from(given, 'base64url');
    const place = at % Math.max(1, bytes.length);
    const changed = cut
      ? bytes.subarray(0, place)
      : Buffer.from(bytes.map((byte, index) => (index === place ? byte ^ by : byte)));
    return { ...honest, response: { ...honest.response, [name]: changed.toString('base64url') } };
  });

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: bytesChanged },
  {
    weight: 3,
    arbitrary: fc
      .record({ name: fc.constantFrom(...inner), given: value })
      .map(({ name, given }) => (honest: Honest) => ({
        ...honest,
        response: { ...honest.response, [name]: given },
      })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ name: fc.constantFrom(...members), given: value })
      .map(({ name, given }) => (honest: Honest) => ({ ...honest, [name]: given })),
  },
  { weight: 1, arbitrary: fc.jsonValue().map((given) => () => given) },
  { weight: 1, arbitrary: fc.string().map((given) => () => given) },
);

interface Asked {
  readonly agent: BrowserAgent;
  readonly path: string;
  readonly honest: Honest;
}

const routes = {
  'the step': async (ann: Owner): Promise<Asked> => {
    const agent = await halfLogin(ann);
    const { challenge } = await askedBy(agent, '/2fa/webauthn/options');
    return { agent, path: '/2fa/webauthn', honest: ann.key.get(challenge, { userHandle: ann.handle }) };
  },
  '"confirm it\u2019s you"': async (ann: Owner): Promise<Asked> => {
    const { challenge } = await askedBy(ann.agent, '/2fa/webauthn/options');
    return { agent: ann.agent, path: '/2fa/webauthn', honest: ann.key.get(challenge) };
  },
  'a new key': async (ann: Owner): Promise<Asked> => {
    const { challenge } = await askedBy(ann.agent, '/2fa/security/webauthn/options');
    return { agent: ann.agent, path: '/2fa/security/webauthn', honest: localKey().create(challenge) };
  },
  'a passkey': async (ann: Owner): Promise<Asked> => {
    const agent = browser(ann.app);
    const { body } = await agent.post('/2fa/passkey/options').expect(200);
    const { challenge } = (body as { options: { challenge: string } }).options;
    return { agent, path: '/2fa/passkey', honest: ann.key.get(challenge, { userHandle: ann.handle }) };
  },
};

/** As the page of the path posts it, or as a script does. */
async function sent({ agent, path }: Asked, response: unknown, isForm: boolean): Promise<Response> {
  if (!isForm) return agent.post(path, { response });
  const page = path === '/2fa/passkey' ? '' : (await agent.page(path)).text;
  const form_token = /name="form_token" value="([^"]+)"/.exec(page)?.[1] ?? '';
  return agent.form(path, { response: JSON.stringify(response) ?? '', form_token });
}

describe('Whatever comes in place of what a browser says of a key', () => {
  it.each([
    ['the step', 200, 303],
    ['"confirm it\u2019s you"', 200, 303],
    ['a new key', 201, 303],
    // No page has a form for it.
    ['a passkey', 200, 403],
  ] as const)('at %s: what is honest is answered %i, and in a form %i', async (name, ...expected) => {
    for (const [turn, isForm] of [false, true].entries()) {
      const asked = await routes[name](await ownerOf(passkeysApp()));
      expect((await sent(asked, asked.honest, isForm)).status).toBe(expected[turn]);
    }
  });

  it.each(Object.entries(routes))(
    'at %s, as JSON and in a form: never a 5xx, and what is refused changes nothing',
    async (_name, ask) => {
      let ann = await ownerOf(passkeysApp());
      await fc.assert(
        fc.asyncProperty(change, fc.boolean(), async (changed, isForm) => {
          ann.clock.move(1000);
          const asked = await ask(ann).catch(async () => {
            // Its tries are used up, it has grown old, or has all the keys that one may have.
            ann = await ownerOf(passkeysApp());
            return ask(ann);
          });
          const before = await accountOf(ann);
          const answer = await sent(asked, changed(asked.honest), isForm);
          expect(answer.status).toBeLessThan(500);
          const after = answer.status >= 400 ? await accountOf(ann) : before;
          expect(after).toEqual(before);
        }),
        { numRuns: RUNS },
      );
    },
    Math.max(30_000, RUNS * 100),
  );
});
