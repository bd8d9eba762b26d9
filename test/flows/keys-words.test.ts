import type { Response } from 'supertest';
import { minutes, seconds } from '../support/clock';
import { browser, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { passkeysApp, localKey } from '../support/keys';
import { flag, softKey, type Lies } from '../support/soft-key';
import { challengeOf, newKeyChallenge, ownerOf, signedIn } from './keys-cast';

const languages = ['en', 'cs'] as const;

/** What is said where people read: the problem above a form, or a page that says one thing. */
const wordsOf = ({ text, body, type }: Response): string => {
  if (type === 'application/json') return String((body as { error?: { message?: string } }).error?.message);
  const [, problem] = /<div class="problem"[^>]*>([\s\S]*?)<\/div>/.exec(text) ?? [];
  const [, card] = /<section class="card">([\s\S]*?)<\/section>/.exec(text) ?? [];
  return (problem ?? card ?? 'no words').replace(/<svg[\s\S]*?<\/svg>/g, '').replace(/<[^>]+>/g, ' ');
};

async function token(agent: BrowserAgent): Promise<string> {
  const pages = [await agent.page('/2fa'), await agent.page('/2fa/security')];
  const [found = ''] = pages.flatMap(
    ({ text }) => /name="form_token" value="([\w-]+)"/.exec(text)?.[1] ?? [],
  );
  return found;
}

const lies: readonly (readonly [string, Lies])[] = [
  ['of another site', { client: { origin: 'https://evil.example' } }],
  ['in a frame', { client: { crossOrigin: true } }],
  ['that nobody touched', { flags: 0 }],
  ['that can’t be read', { client: { type: 1 } }],
];

async function annsApp() {
  const host = passkeysApp({}, (app, twoFactor) => {
    app.post('/own', twoFactor.authenticate('webauthn'), (_req, res) => res.json({}));
  });
  return ownerOf(host);
}

describe.each(languages)('What is said of a key that is refused speaks of no code (%s)', (language) => {
  /** As script and as form, by our page and by a route of the app's. */
  async function everyAnswer(
    agent: () => Promise<BrowserAgent>,
    paths: readonly string[],
    answer: (agent: BrowserAgent) => Promise<object>,
  ): Promise<Response[]> {
    const answers: Response[] = [];
    for (const path of paths) {
      for (const how of ['json', 'form'] as const) {
        const visitor = await agent();
        const response = await answer(visitor);
        const form_token = how === 'form' ? await token(visitor) : '';
        const sent =
          how === 'json'
            ? visitor.post(path, { response })
            : visitor.form(path, { response: JSON.stringify(response), form_token });
        answers.push(await sent.set('Accept-Language', language));
      }
    }
    return answers;
  }

  function expectNoCode(answers: readonly Response[], code?: string): void {
    for (const answer of answers) {
      expect([400, 401, 409, 422, 429]).toContain(answer.status);
      const words = wordsOf(answer);
      expect(words.trim()).not.toBe('');
      expect(words).not.toMatch(language === 'en' ? /\bcodes?\b|\bapp\b|unknown/i : /\bkód|aplikac/i);
    }
    const codes = answers.flatMap(({ body }) => (body as { error?: { code?: string } }).error?.code ?? []);
    expect(codes.filter((one) => one !== (code ?? one))).toEqual([]);
  }

  it.each(lies)('at the step, %s', async (_what, lie) => {
    const ann = await annsApp();
    const answers = await everyAnswer(
      () => halfLogin(ann),
      ['/2fa/webauthn', '/own'],
      async (agent) => ann.key.get(await challengeOf(agent), lie),
    );
    expectNoCode(answers);
  });

  it('at the step, that is another one, that comes late, and that comes too often', async () => {
    const ann = await annsApp();
    const paths = ['/2fa/webauthn', '/own'];
    const another = softKey(-7, undefined, undefined, { rpId: 'localhost', origin: 'http://localhost:3000' });
    const wrong = async (agent: BrowserAgent) => another.get(await challengeOf(agent));
    expectNoCode(await everyAnswer(() => halfLogin(ann), paths, wrong), 'wrong_code');
    const late = async (agent: BrowserAgent) => {
      const response = ann.key.get(await challengeOf(agent));
      ann.clock.move(6 * minutes);
      return response;
    };
    expectNoCode(await everyAnswer(() => halfLogin(ann), paths, late), 'code_used');

    const tired = async () => {
      const agent = await halfLogin(ann);
      const challenge = await challengeOf(agent);
      for (let nth = 0; nth < 5; nth += 1)
        await agent.post('/2fa/webauthn', { response: another.get(challenge) });
      return agent;
    };
    expectNoCode(await everyAnswer(tired, paths, async () => another.get('AAAA')), 'half_login_ended');
  });

  it('to confirm it is them, when no more are accepted for now', async () => {
    const ann = await annsApp();
    const { agent } = ann;
    const response = localKey().get(await challengeOf(agent));
    for (let nth = 0; nth < 5; nth += 1) await agent.post('/2fa/webauthn', { response }).expect(401);
    const over = await everyAnswer(
      async () => agent,
      ['/2fa/webauthn', '/own'],
      async () => response,
    );
    expectNoCode(over, 'locked');
    const options = await agent.post('/2fa/webauthn/options').set('Accept-Language', language);
    expectNoCode([options], 'locked');
  });

  it.each(lies)('when one is added, %s', async (_what, lie) => {
    const ann = await annsApp();
    const answers = await everyAnswer(
      async () => ann.agent,
      ['/2fa/security/webauthn'],
      async (agent) => localKey().create(await newKeyChallenge(agent), lie),
    );
    expectNoCode(answers);
  });

  it('when one is added for the tenth time, or after the hour', async () => {
    for (const how of ['json', 'form'] as const) {
      const ann = await annsApp();
      const agent = await signedIn(ann, 'bob');
      const response = localKey().create(await newKeyChallenge(agent), {
        client: { origin: 'https://evil.example' },
      });
      const form_token = await token(agent);
      const send = () =>
        (how === 'json'
          ? agent.post('/2fa/security/webauthn', { response })
          : agent.form('/2fa/security/webauthn', { response: JSON.stringify(response), form_token })
        ).set('Accept-Language', language);
      for (let nth = 0; nth < 9; nth += 1) await send();
      expectNoCode([await send(), await send()]);
    }
  });

  it('that signs in alone, by another browser, by nobody we know, or unreadable', async () => {
    const ann = await annsApp();
    const [agent, stranger] = [browser(ann.app), localKey()];
    const ask = async () => {
      ann.clock.move(1 * seconds);
      const { body } = await agent.post('/2fa/passkey/options');
      return (body as { options: { challenge: string } }).options.challenge;
    };
    const sent = [
      ann.key.get('AAAA', { userHandle: ann.handle }),
      stranger.get(await ask(), { userHandle: ann.handle }),
      stranger.get(await ask(), { userHandle: 'bm9ib2R5' }),
      ann.key.get(await ask(), { userHandle: ann.handle, flags: flag.present }),
      { id: 'x' },
    ];
    for (const accept of ['application/json', 'text/html'])
      for (const response of sent)
        expectNoCode([
          await agent.post('/2fa/passkey', { response }).set({ Accept: accept, 'Accept-Language': language }),
        ]);
    const elsewhere = browser(ann.app).post('/2fa/passkey', { response: sent[0] });
    expectNoCode([await elsewhere.set('Accept-Language', language)], 'code_used');
  });
});
