import type { ErrorRequestHandler } from 'express';
import type { SecondFactorError } from '../../lib';
import { host, type Host } from '../hosts/host';
import { errorCode, type BrowserAgent } from '../support/browser-agent';
import { halfLoggedIn, loggedIn, userOf } from './people';

/** An app whose `users.name` gives this, until it is mended. */
async function naming(name: unknown, id?: (id: string) => unknown) {
  const given = { name };
  const built = await host({
    options: {
      users: { id: (user) => (id ? id(user.id) : user.id), name: () => given.name as string },
    },
  });
  built.app.use(inWords);
  return { built, given };
}

const inWords: ErrorRequestHandler = (
  { status, code, message, help }: SecondFactorError,
  _req,
  res,
  _next,
) => {
  res.status(status).json({ code, told: `${message} ${help}` });
};

const pages = [
  '/2fa/security',
  '/2fa/security/totp',
  '/2fa/security/webauthn',
  '/2fa/security/backup-codes',
  '/2fa/confirm',
  '/2fa/nowhere',
];

async function signsIn(built: Host, agent: BrowserAgent): Promise<void> {
  await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
  expect(await userOf(agent)).toBe('id-ann');
}

describe('A user whose name is nothing', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['empty', ''],
    ['blank', ' \t'],
  ])('is known by the id in short: %s', async (_, name) => {
    const { built } = await naming(name);
    const { agent } = await halfLoggedIn(built);
    expect((await agent.get('/2fa').expect(200)).body.user).toBe('i•••');
    expect((await agent.page('/2fa').expect(200)).text).toContain('i•••');
    await signsIn(built, agent);
    for (const path of pages) {
      const { status, text } = await agent.page(path);
      expect([path, status]).toEqual([path, path === '/2fa/nowhere' ? 404 : 200]);
      expect(text).toMatch(/id-ann|i•••/);
    }
    const { body } = await agent.get('/2fa/security/totp').expect(200);
    expect(decodeURIComponent(body.otpauthUrl)).toContain('Test App:id-ann (2)?');
  });

  it('has a long id shortened', async () => {
    const { built } = await naming(undefined, (id) => `${id}-3f2b8c1e-77aa-4b0e-9f5d-000000000001`);
    const { agent } = await loggedIn(built, 'ann');
    const { text } = await agent.page('/2fa/security').expect(200);
    expect(text).toContain('<bdi>id-ann-3…</bdi>');
    expect(text).not.toContain('3f2b8c1e');
  });
});

const wrong: readonly (readonly [string, unknown, RegExp])[] = [
  ['a number', 42, /users\.name gave a value of type number.* Return text/],
  ['an object', { first: 'Ann' }, /type object/],
  ['a list', ['Ann'], /type object/],
  ['true', true, /type boolean/],
  ['a function', () => 'Ann', /type function/],
  [
    'a promise, of an async function',
    Promise.resolve('Ann'),
    /users\.name gave a promise.* Load the name with the user/,
  ],
];

describe('A name that is neither text nor nothing', () => {
  it.each(wrong)(
    'is refused in words, to the app, with the half login intact: %s',
    async (_, name, words) => {
      const { built, given } = await naming(name);
      const { agent } = await halfLoggedIn(built);
      for (const asked of [agent.get('/2fa'), agent.page('/2fa'), agent.page('/2fa/choose')]) {
        const { body } = await asked.expect(500);
        expect(body).toEqual({ code: 'bad_option', told: expect.stringMatching(words) });
      }
      // A try is judged, and its page is what can't be made.
      expect(errorCode(await agent.post('/2fa/totp', { code: '000000' }))).toBe('wrong_code');
      given.name = 'Ann';
      await agent.page('/2fa').expect(200);
      await signsIn(built, agent);
      given.name = name;
      const { body } = await agent.page('/2fa/security').expect(500);
      expect(body.code).toBe('bad_option');
    },
  );

  it('keeps no page from saying what else is wrong', async () => {
    const { built, given } = await naming('Ann');
    const { agent } = await loggedIn(built, 'ann');
    given.name = 42;
    await agent.page('/2fa/nowhere').expect(404);
    jest.spyOn(built.options.accounts, 'load').mockRejectedValue(new Error('down'));
    await agent.page('/2fa/security').expect(503);
  });
});
