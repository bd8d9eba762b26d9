import { gzipSync } from 'node:zlib';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import { host, usualRoutes, type ExpressModule, type Host, type PassportClass } from '../hosts/host';
import { errorCode, type BrowserAgent } from '../support/browser-agent';
import { halfLoggedIn } from './people';

type Multer = () => { none(): RequestHandler };
const multer = jest.requireActual<Multer>('multer');

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

/** Whoever stands above us and may have read a body: the name of each request's own ones is in its headers. */
export function bodyParsersContract(name: string, express: ExpressModule, Passport: PassportClass): void {
  const parsers: Readonly<Record<string, RequestHandler>> = {
    json: express.json(),
    form: express.urlencoded({ extended: false }),
    nested: express.urlencoded({ extended: true }),
    text: express.text(),
    'all-text': express.text({ type: '*/*' }),
    raw: express.raw(),
    'all-raw': express.raw({ type: '*/*' }),
    multer: multer().none(),
  };
  const others: Readonly<Record<string, RequestHandler>> = {
    'pauses it': (req, _res, next) => {
      req.pause();
      next();
    },
    'looks at its bytes as they pass': (req, _res, next) => {
      req.on('data', () => undefined);
      next();
    },
    'reads it and leaves nothing': (req, _res, next) => {
      req.on('end', next).resume();
    },
    'reads it and leaves an empty object': (req, _res, next) => {
      req.on('end', next).resume();
      req.body = {};
    },
    'reads its first bytes': (req, _res, next) => {
      req.once('data', () => {
        req.pause();
        next();
      });
    },
    'reads it as a stream of its own': (req, _res, next) => {
      void (async () => {
        await req.toArray();
        next();
      })();
    },
  };
  const all = { ...parsers, ...others };

  const built = (): Promise<Host> =>
    host({
      express,
      Passport,
      build: (one) => {
        const { app, passport, twoFactor, store } = one;
        app.use('/login', express.json());
        app.use((req, res, next) => {
          const names = String(req.headers['x-above'] ?? '').split(',');
          const handlers = names.flatMap((each) => all[each] ?? []);
          const run = (index: number): void => {
            const handler = handlers[index];
            if (!handler) return next();
            void handler(req, res, (error?: unknown) => (error ? next(error) : run(index + 1)));
          };
          run(0);
        });
        app.use(
          session({ secret: 'test', resave: false, saveUninitialized: false, store }),
          passport.session(),
          twoFactor.protect(),
        );
        app.post('/own', passport.authenticate('totp', { assignProperty: 'secondFactorProof' }), (req, res) =>
          res.json({ proof: (req as Request & { secondFactorProof: unknown }).secondFactorProof }),
        );
        usualRoutes(one);
      },
    });

  async function renamer() {
    const ann = await (await built()).signedIn('ann');
    const { body } = await ann.get('/2fa/security').expect(200);
    const { id } = body.types[0].factors[0];
    const path = `/2fa/security/factors/${id}`;
    const { text } = await ann.page(path).expect(200);
    const token = /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const label = async (): Promise<unknown> =>
      (await ann.get('/2fa/security')).body.types[0].factors[0].label as unknown;
    const rename = (above: string, type: string, body_: string | Buffer) =>
      send(ann, `${path}/rename`, type, body_).set('X-Above', above);
    return { rename, label, token };
  }

  const send = (agent: BrowserAgent, path: string, type: string, body: string | Buffer) =>
    agent.agent
      .post(path)
      .set({ 'Content-Type': type, 'Sec-Fetch-Site': 'same-origin' })
      // As bytes: a client of tests would do something of its own with text.
      .serialize((bytes: unknown) => bytes as string)
      .send(Buffer.from(body));

  /** Every combination of those that read their own types, in this order and the other way round, … */
  const kinds = [['json'], ['form', 'nested'], ['text'], ['raw'], ['multer']];
  const own = kinds.reduce<string[][]>(
    (stacks, names) => stacks.flatMap((stack) => [stack, ...names.map((each) => [...stack, each])]),
    [[]],
  );
  /** … and with one that reads all types above or below. */
  const withAll = ['all-text', 'all-raw'].flatMap((each) =>
    [[], ['json'], ['form'], ['json', 'form']].map((stack) => [each, ...stack]),
  );
  const stacks = new Set([...own, ...withAll].flatMap((names) => [names.join(), names.toReversed().join()]));

  describe(`A body on ${name}`, () => {
    it.each([
      ['a form', form, 303],
      ['JSON', json, 200],
    ])('of %s is read under every combination of parsers above us', async (_, type, status) => {
      const { rename, label, token } = await renamer();
      const wrong: string[] = [];
      for (const [index, above] of [...stacks].entries()) {
        const name_ = `App ${index}`;
        const fields = { label: name_, form_token: token };
        const body = type === json ? JSON.stringify(fields) : String(new URLSearchParams(fields));
        const answer = await rename(above, type, body);
        if (answer.status !== status || (await label()) !== name_) wrong.push(`${above}: ${answer.status}`);
      }
      expect(wrong).toEqual([]);
    });

    it.each([
      [json, 'label in UTF-8', `${json}; charset=utf-8`],
      [json, 'type in capitals', 'Application/JSON; Charset="UTF-8"'],
      [form, 'form in UTF-8', `${form}; charset=UTF-8`],
      [form, 'form in capitals', form.toUpperCase()],
    ])('keeps its meaning whatever reads it: %s, %s', async (kind, _, type) => {
      const { rename, label, token } = await renamer();
      for (const above of ['', 'json', 'form', 'nested', 'all-text', 'all-raw', 'pauses it']) {
        const fields = { label: `Žluť ${above}`.trim(), form_token: token };
        const body = kind === json ? JSON.stringify(fields) : String(new URLSearchParams(fields));
        await rename(above, type, body).expect(kind === json ? 200 : 303);
        expect(await label()).toBe(fields.label);
      }
    });

    it('is inflated once, whoever reads it', async () => {
      const { rename, label } = await renamer();
      for (const above of ['', 'json', 'form', 'all-text', 'all-raw', 'pauses it']) {
        const body = gzipSync(JSON.stringify({ label: `gz ${above}`.trim() }));
        await rename(above, json, body).set('Content-Encoding', 'gzip').expect(200);
        expect(await label()).toBe(`gz ${above}`.trim());
      }
    });

    it.each(['', 'all-text', 'all-raw'])('of more than 32 kB is refused (above: %s)', async (above) => {
      const { rename, token } = await renamer();
      const label = 'x'.repeat(33_000);
      const many = [
        [json, JSON.stringify({ label })],
        [form, String(new URLSearchParams({ label, form_token: token }))],
      ] as const;
      for (const [type, body] of many) {
        const refused = await rename(above, type, body).set('Accept', json).expect(400);
        expect(refused.body.error).toMatchObject({ code: 'malformed', field: 'body' });
      }
    });

    it.each([
      ['broken JSON', json, '{"label":'],
      ['a form of 2 000 fields', form, Array.from({ length: 2000 }, (_, index) => `a${index}=1`).join('&')],
      ['an encoding nobody knows', `${json}; charset=x-odd`, '{"label":"x"}'],
    ])('that can’t be parsed is refused, read as bytes or by us: %s', async (_, type, body) => {
      const { rename } = await renamer();
      for (const above of ['', 'all-raw']) {
        const refused = await rename(above, type, body).set('Accept', json).expect(400);
        expect(refused.body.error).toMatchObject({ code: 'malformed', field: 'body' });
      }
    });

    it('of another type has no fields, as text or bytes either', async () => {
      const { rename, token } = await renamer();
      for (const above of ['', 'text', 'all-text', 'all-raw']) {
        const body = `label=x&form_token=${token}`;
        const refused = await rename(above, 'text/plain', body).set('Accept', json).expect(403);
        expect(errorCode(refused)).toBe('bad_form_token');
      }
    });

    it.each([
      'reads it and leaves nothing',
      'reads it and leaves an empty object',
      'reads its first bytes',
      'reads it as a stream of its own',
      'looks at its bytes as they pass',
    ])('is refused in words, and not as a foreign form, where somebody %s', async (above) => {
      const { rename, label, token } = await renamer();
      const before = await label();
      const asForm = String(new URLSearchParams({ label: 'new', form_token: token }));
      for (const [type, body] of [
        [form, asForm],
        [json, '{"label":"new"}'],
      ] as const) {
        const refused = await rename(above, type, body).set('Accept', json).expect(400);
        expect(refused.body.error).toMatchObject({ code: 'malformed', field: 'body' });
      }
      const page = await rename(above, form, asForm).set('Accept', 'text/html').expect(400);
      expect(page.text).toContain('<h1');
      expect(await label()).toBe(before);
    });

    it('that is an empty object stays one', async () => {
      for (const above of ['', 'json', 'form', 'all-raw', 'all-text']) {
        const { agent } = await halfLoggedIn(await built());
        const cancelled = await send(agent, '/2fa/cancel', json, '{ }').set('X-Above', above).expect(200);
        expect(cancelled.body.status).toBe('cancelled');
      }
    });

    it.each(['', 'json', 'form', 'all-text', 'all-raw', 'pauses it'])(
      'reaches a strategy on a route of the app’s own likewise (above: %s)',
      async (above) => {
        const one = await built();
        for (const type of [json, form]) {
          const { agent } = await halfLoggedIn(one);
          const code = one.code('ann');
          const body = type === json ? JSON.stringify({ code }) : `code=${code}`;
          const proven = await send(agent, '/own', type, body).set('X-Above', above).expect(200);
          expect(proven.body.proof).toMatchObject({ type: 'totp' });
        }
      },
    );
  });
}
