import session from 'express-session';
import { errorCode } from '../support/browser-agent';
import { host, usualRoutes, type ExpressModule, type PassportClass } from '../hosts/host';
import { halfLoggedIn, userOf } from './people';

/** What a client may send as a body, when we are the ones who read it. */
export function bodiesContract(name: string, express: ExpressModule, Passport: PassportClass): void {
  const json = 'application/json';
  const form = 'application/x-www-form-urlencoded';
  const many = Array.from({ length: 2000 }, (_, index) => `a${index}=1`).join('&');

  /** `$` stands for the token of the form. */
  const bodies: readonly [what: string, type: string, body: string, status: number, code: string][] = [
    ['broken JSON', json, '{"code":', 400, 'malformed'],
    ['no JSON at all', json, '', 400, 'malformed'],
    ['a list', json, '[]', 400, 'malformed'],
    ['a list of a code', json, '["123456"]', 400, 'malformed'],
    ['text', json, '"123456"', 400, 'malformed'],
    ['null', json, 'null', 400, 'malformed'],
    ['a number', json, '123456', 400, 'malformed'],
    ['40 kB', json, JSON.stringify({ code: '1'.repeat(40_000) }), 400, 'malformed'],
    ['a code of 1 kB', json, JSON.stringify({ code: '1'.repeat(1_000) }), 400, 'malformed'],
    ['a thousand levels', json, `{"code":${'['.repeat(1000)}${']'.repeat(1000)}}`, 400, 'malformed'],
    ['a code that is a list', json, '{"code":["123456"]}', 400, 'malformed'],
    ['a code that is an operator', json, '{"code":{"$ne":""}}', 400, 'malformed'],
    ['a code that is a pattern', json, '{"code":{"$regex":".*"}}', 400, 'malformed'],
    ['a code that is a number', json, '{"code":123456}', 400, 'malformed'],
    ['a code that is true', json, '{"code":true}', 400, 'malformed'],
    ['a code that is null', json, '{"code":null}', 400, 'malformed'],
    ['no code', json, '{"kode":"123456"}', 400, 'malformed'],
    ['a code of letters', json, '{"code":"abcdef"}', 400, 'malformed'],
    ['a code by the prototype', json, '{"__proto__":{"code":"123456"}}', 400, 'malformed'],
    ['a code by the constructor', json, '{"constructor":{"prototype":{"code":"123456"}}}', 400, 'malformed'],
    ['an encoding nobody knows', `${json}; charset=x-odd`, '{"code":"123456"}', 400, 'malformed'],
    ['UTF-16 that is none', `${json}; charset=utf-16`, '{"code":"123456"}', 400, 'malformed'],
    ['a form with two codes', form, 'code=123456&code=123457&form_token=$', 400, 'malformed'],
    ['a form with a list', form, 'code[]=123456&form_token=$', 400, 'malformed'],
    ['a form with an operator', form, 'code[$ne]=1&form_token=$', 400, 'malformed'],
    ['a form with broken text', form, 'code=%ff%fe&form_token=$', 400, 'malformed'],
    ['a form without a code', form, 'form_token=$', 400, 'malformed'],
    ['a form of 40 kB', form, `code=${'1'.repeat(40_000)}&form_token=$`, 400, 'malformed'],
    ['a form of 2 000 fields', form, `${many}&form_token=$`, 400, 'malformed'],
    ['a form by the prototype', form, '__proto__[code]=1&form_token=$', 400, 'malformed'],
    ['a form with two tokens', form, 'code=123456&form_token=$&form_token=$', 403, 'bad_form_token'],
    ['a form without its token', form, 'code=123456', 403, 'bad_form_token'],
    ['plain text shaped as JSON', 'text/plain', '{"code":"123456"}', 403, 'bad_form_token'],
    ['plain text shaped as a form', 'text/plain', 'code=123456&form_token=$', 403, 'bad_form_token'],
    ['no content type', '', '{"code":"123456"}', 403, 'bad_form_token'],
    ['a content type that is none', 'application', '{"code":"123456"}', 403, 'bad_form_token'],
    ['JSON of another kind', 'application/json5', '{"code":"123456"}', 403, 'bad_form_token'],
    ['multipart', 'multipart/form-data; boundary=x', '--x--', 403, 'bad_form_token'],
  ];

  const bare = (withParsers: boolean) =>
    host({
      express,
      Passport,
      build: (built) => {
        const { app, passport, twoFactor, store } = built;
        if (withParsers) app.use(express.json(), express.urlencoded({ extended: true }));
        else app.use('/login', express.json());
        app.use(
          session({ secret: 'test', resave: false, saveUninitialized: false, store }),
          passport.session(),
          twoFactor.protect(),
        );
        usualRoutes(built);
      },
    });

  describe(`A body on ${name}`, () => {
    it.each(bodies)('that is %s is refused and costs nothing', async (_, type, body, status, code) => {
      const built = await bare(false);
      const { agent } = await halfLoggedIn(built);
      const { text } = await agent.page('/2fa').expect(200);
      const token = /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? '';
      for (const accept of ['application/json', 'text/html']) {
        const request = agent.agent
          .post('/2fa/totp')
          .set({ Accept: accept, 'Sec-Fetch-Site': 'same-origin' });
        if (type !== '') void request.set('Content-Type', type);
        const filled = body.replaceAll('form_token=$', `form_token=${token}`);
        // Text would be given a type.
        const refused = await request.send(type === '' ? Buffer.from(filled) : filled);
        const isPage = accept === 'text/html' && !/^application\/json(;|$)/.test(type);
        // A form is shown again with what is wrong with it; what could not be read at all is not.
        expect(isPage && status === 400 ? [400, 422] : [status]).toContain(refused.status);
        expect(refused.text).not.toMatch(/node_modules|\.[jt]s:\d+|SyntaxError|Unexpected token/);
        expect(errorCode(refused) ?? 'a page').toBe(isPage ? 'a page' : code);
      }
      const guess = await agent.post('/2fa/totp', { code: '000000' }).expect(401);
      expect(guess.body.error.triesLeft).toBe(4);
      await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
      expect(await userOf(agent)).toBe('id-ann');
    });

    it.each(['123456', '{"code":"123456"}'])('is nothing without the app’s parsers: %s', async (body) => {
      const built = await bare(false);
      const { agent } = await halfLoggedIn(built);
      await agent.agent.post('/2fa/totp').set('Sec-Fetch-Site', 'same-origin').send(body).expect(403);
    });

    it.each(['code[]=1', 'code[$ne]=1', 'code[a][b]=1', 'code=1&code=2'])(
      'that the app has parsed into objects is refused: %s',
      async (fields) => {
        const built = await bare(true);
        const { agent } = await halfLoggedIn(built);
        const { text } = await agent.page('/2fa').expect(200);
        const token = /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? '';
        const refused = await agent.agent
          .post('/2fa/totp')
          .type('form')
          .set({ Accept: 'application/json', 'Sec-Fetch-Site': 'same-origin' })
          .send(`${fields}&form_token=${token}`)
          .expect(400);
        expect(refused.body.error).toMatchObject({ code: 'malformed', field: 'code' });
      },
    );

    it('that is compressed rubbish is refused', async () => {
      const built = await bare(false);
      const { agent } = await halfLoggedIn(built);
      for (const encoding of ['gzip', 'br', 'odd']) {
        const refused = await agent
          .post('/2fa/totp', { code: '123456' })
          .set('Content-Encoding', encoding)
          .expect(400);
        expect(errorCode(refused)).toBe('malformed');
      }
      await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    });

    it('leaves no trace on any other object', async () => {
      const built = await bare(true);
      const { agent } = await halfLoggedIn(built);
      await agent.agent
        .post('/2fa/totp')
        .set({ Accept: 'application/json', 'Content-Type': json, 'Sec-Fetch-Site': 'same-origin' })
        .send('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"code":"x"}')
        .expect(400);
      expect({}).not.toHaveProperty('polluted');
    });
  });
}
