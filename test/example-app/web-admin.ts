import { createServer } from 'node:http';
import request from 'supertest';
import { createApp, type WebAdmin } from '../../example-app/app';
import { addDemoUsers, DEMO_PASSWORD, DEMO_TOTP_SEED } from '../../example-app/demo-users';
import { readSettings, type Settings } from '../../example-app/settings';
import { listen } from '../../example-app/listen';
import { openStores } from '../../example-app/open-stores';
import type { Stores } from '../../example-app/stores';
import { codeAt } from '../support/browser-agent';
import { noted } from '../support/exchanges';
import { freePort } from '../support/free-port';
import { letIn, ticketId, ticketUrl } from '../support/let-in';

export interface RunningWebAdmin extends WebAdmin {
  readonly settings: Settings;
  readonly stores: Stores;
  close(): Promise<void>;
}

const KEY = '5e'.repeat(32);

/** The example app with its demo users and cheap hashes; on memory unless `env` says otherwise. */
export async function openWebAdmin(env: NodeJS.ProcessEnv = {}): Promise<RunningWebAdmin> {
  const own = { NODE_ENV: 'test', SCRYPT_COST: '4', TWO_FACTOR_KEY: KEY, NEW_BROWSER: 'notice' };
  const settings = readSettings({ ...own, ...env });
  const stores = await openStores(settings);
  const webAdmin = createApp(settings, stores);
  await addDemoUsers(stores.users, webAdmin.passwords, webAdmin.twoFactor, settings);
  const close = async (): Promise<void> => {
    await webAdmin.twoFactor.close();
    await stores.close();
  };
  return { ...webAdmin, settings, stores, close };
}

/** The same for real browsers, on a port of its own. */
export async function serveWebAdmin(env: NodeJS.ProcessEnv = {}): Promise<{
  url: string;
  /** A request for access of theirs was approved and has waited. @returns where its link leads */
  letIn: (user: string) => Promise<string>;
  stop: () => Promise<void>;
}> {
  const port = await freePort();
  const webAdmin = await openWebAdmin({ PORT: String(port), ...env });
  const server = createServer(webAdmin.app);
  await listen(server, port);
  const stop = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await webAdmin.close();
  };
  const letInto = async (user: string): Promise<string> => {
    const { id = '' } = (await webAdmin.stores.users.findByUsername(user)) ?? {};
    await letIn(webAdmin.stores.accounts, id, Date.now(), {}, KEY);
    return ticketUrl(id, ticketId, KEY);
  };
  return { url: webAdmin.settings.origin, letIn: letInto, stop };
}

/** A browser with cookies of its own; `json` and `form` post as a page of the app would. */
export function visit({ app, settings: { origin } }: RunningWebAdmin) {
  const agent = request.agent(app).use(noted);
  const get = (path: string, accept: string) => agent.get(path).set('Accept', accept);
  return {
    agent,
    getJson: (path: string) => get(path, 'application/json'),
    getPage: (path: string) => get(path, 'text/html'),
    json: (path: string, body: object = {}) =>
      agent.post(path).set('Accept', 'application/json').set('Origin', origin).send(body),
    form: (path: string, body: Record<string, string> = {}) =>
      agent.post(path).type('form').set('Accept', 'text/html').set('Origin', origin).send(body),
    signIn(username: string, password = DEMO_PASSWORD) {
      return this.json('/login', { username, password });
    },
  };
}

export type Visitor = ReturnType<typeof visit>;

/** Password and code of `demo-totp`. */
export async function signInWithCode(visitor: Visitor, now = Date.now()): Promise<void> {
  await visitor.signIn('demo-totp').expect(401);
  await visitor.json('/2fa/totp', { code: codeAt(DEMO_TOTP_SEED, now) }).expect(200);
}

/** The code in a message: the only run of six digits of a mail, and of a text message before its last line. */
export function codeIn({ channel, text }: { readonly channel: string; readonly text: string }): string {
  const human = channel === 'sms' ? text.slice(0, text.lastIndexOf('\n')) : text;
  const runs = human.match(channel === 'sms' ? /\d+/g : /(?<!\d)\d{6}(?!\d)/g) ?? [];
  const [code = ''] = runs;
  if (runs.length !== 1 || !/^\d{6}$/.test(code)) throw new Error(`${runs.length} runs of digits`);
  return code;
}
