import { request as httpRequest, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Response } from 'supertest';
import { memoryAccounts, type Accounts, type EventName, type SecondFactor } from '../../lib';
import { browser, codeAt, enrolTotp, type BrowserAgent } from '../support/browser-agent';
import { seconds } from '../support/clock';
import { hostApp, type HostApp, type TestUser } from '../support/host-app';

/** More rounds of what depends on luck. */
export const isLong = process.env.TEST_LONG === '1';

type Given = Parameters<typeof hostApp>[0];
type Routes = Parameters<typeof hostApp>[1];

export interface Cast extends HostApp {
  /** Signed in, with a proof of half a minute ago, on a browser that is known. */
  readonly ann: BrowserAgent;
  readonly secret: string;
  readonly backupCodes: readonly string[];
  /** What the app shows `steps` time steps from now. */
  code(steps?: number): string;
  /** Digits that are of no step near now. */
  wrong(): string;
}

/** A host app whose user ann has an authenticator app and backup codes; the code she used is over. */
export async function withAnn(given?: Given, routes?: Routes): Promise<Cast> {
  const host = hostApp(given, routes);
  const ann = browser(host.app);
  await ann.signIn('ann').expect(200);
  const { secret, backupCodes } = await enrolTotp(ann, host.clock.now());
  host.clock.move(30 * seconds);
  return {
    ...host,
    ann,
    secret,
    backupCodes,
    code: (steps = 0) => codeAt(secret, host.clock.now() + steps * 30 * seconds),
    wrong: () => wrongCode(secret, host.clock.now()),
  };
}

/** One factor more for a complete login whose proof is fresh. */
export async function addApp(agent: BrowserAgent, now: number, label: string): Promise<string> {
  const { body } = await agent.get('/2fa/security/totp').expect(200);
  const secret: string = body.secret;
  await agent.post('/2fa/security/totp', { code: codeAt(secret, now), label }).expect(201);
  return secret;
}

export const factorIds = async (agent: BrowserAgent): Promise<string[]> => {
  const { body } = await agent.get('/2fa/security').expect(200);
  const factors: readonly { id: string }[] = body.types[0].factors;
  return factors.map(({ id }) => id);
};

/** Digits that no step near `now` has. */
export function wrongCode(secret: string, now: number, nth = 0): string {
  const near = new Set(Array.from({ length: 23 }, (_, at) => codeAt(secret, now + (at - 11) * 30 * seconds)));
  const digits = Array.from({ length: 24 + nth }, (_, at) => String(100_000 + at * 7919));
  return digits.filter((code) => !near.has(code))[nth] ?? '';
}

export const formToken = (html: string): string => /name="form_token" value="([\w-]+)"/.exec(html)?.[1] ?? '';

/** Fills in and sends the form of a page, as a browser without JavaScript does. */
export async function submit(
  agent: BrowserAgent,
  page: string,
  action: string,
  fields: Record<string, string> = {},
): Promise<Response> {
  const { text } = await agent.page(page);
  return agent.form(action, { form_token: formToken(text), ...fields });
}

/** The cookies of an answer as a browser would send them back. */
export const cookiesOf = (response: Response): string =>
  ([] as string[])
    .concat(response.headers['set-cookie'] ?? [])
    .map((line) => line.split(';')[0] ?? '')
    .join('; ');

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** Sends requests that no client library tidies up: the path goes out as it is written. Closed after the test. */
export async function rawServer(app: RequestListener) {
  const server = createServer(app);
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  const send = (path: string, { method = 'GET', headers = {}, body }: RawRequest = {}): Promise<RawAnswer> =>
    new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        { host: '127.0.0.1', port, path, method, headers, agent: false },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              text: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  opened.push(
    () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  );
  return { send };
}

/** Accounts whose every call takes a random while, so that parallel ones meet in every order. */
export function jumbledAccounts(): Accounts {
  const inner = memoryAccounts();
  const pause = async () => {
    for (let turns = Math.floor(Math.random() * 4); turns > 0; turns -= 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const slowly = async <Value>(ask: () => Promise<Value>): Promise<Value> => {
    await pause();
    const answer = await ask();
    await pause();
    return answer;
  };
  return {
    load: (userId) => slowly(() => inner.load(userId)),
    save: (account, over) => slowly(() => inner.save(account, over)),
    findByHandle: (handle) => inner.findByHandle(handle),
    remove: (userId) => slowly(() => inner.remove(userId)),
    all: () => inner.all(),
  };
}

const eventNames: readonly EventName[] = [
  'login.owed',
  'login.completed',
  'login.confirmed',
  'proof.accepted',
  'proof.refused',
  'proof.replayed',
  'tries.used-up',
  'two-factor.enabled',
  'two-factor.disabled',
  'factor.added',
  'factor.removed',
  'factor.renamed',
  'backup-codes.made',
  'backup-code.used',
  'logins.ended',
  'login.ended',
  'login.exempt',
  'login.remembered',
  'browser.new',
  'browser.forgotten',
  'browser.remembered',
  'browser.copied',
  'account.forgotten',
];

export type Heard = { readonly name: EventName } & Readonly<Record<string, unknown>>;

/** Everything that is reported from now on. */
export function listen(twoFactor: SecondFactor<TestUser>): Heard[] {
  const heard: Heard[] = [];
  for (const name of eventNames) twoFactor.on(name, (event) => heard.push({ ...event, name }));
  return heard;
}

export const count = <Value>(values: readonly Value[], is: (value: Value) => boolean): number =>
  values.filter(is).length;

/** `count` of them at once. */
export const atOnce = <Value>(times: number, start: (nth: number) => PromiseLike<Value>): Promise<Value[]> =>
  Promise.all(Array.from({ length: times }, (_, nth) => start(nth)));
