import type { Response } from 'supertest';
import { lostForm } from '../support/view-samples';
import { browser, type BrowserAgent, codeAt, enrolTotp, halfLogin } from '../support/browser-agent';
import { codesApp, type CodesApp, newest } from '../support/codes-app';
import { minutes } from '../support/clock';

type Given = NonNullable<Parameters<typeof codesApp>[0]>;

export interface LostApp extends CodesApp {
  /** ann's authenticator app, which she has lost. */
  readonly secret: string;
  /** Her browser, as it was when she set it up. */
  readonly known: BrowserAgent;
}

/** What the answer to a new request says. */
export interface Begun {
  readonly reference: string;
  readonly checkCode: string;
  readonly statusUrl: string;
  readonly formUrl: string;
  readonly route: string | null;
}

export const annsContact = 'ann@example.com';

/** The users of the host app, as an app that takes requests knows them. */
const people = ['ann', 'bob', 'cyd'].map((name) => ({ id: `id-${name}`, name: `${name}@example.com` }));
export const users: NonNullable<Given['users']> = {
  id: (user) => user.id,
  name: (user) => user.name,
  byId: (id) => people.find((user) => user.id === id),
  byIdentifier: (text) => people.find(({ name }) => name.startsWith(`${text}@`)),
  contacts: (user) => [{ channel: 'email', address: user.name, since: 0 }],
};

/** An app that takes requests for access, with ann, who has an authenticator app, and bob, who has nothing. */
export async function lostApp(given: Given = {}): Promise<LostApp> {
  const host = codesApp({ lostAccess: { form: lostForm }, newBrowser: 'off', users, ...given });
  const agent = browser(host.app);
  await agent.signIn('ann').expect(200);
  const { secret } = await enrolTotp(agent, host.clock.now());
  // Nothing of what she set up is news any more.
  host.clock.move(10 * minutes);
  return { ...host, secret, known: agent };
}

export const request = (more: object = {}) => ({
  lost: ['totp', 'backup-code'],
  contact: { channel: 'email', address: annsContact },
  ...more,
});

/** A new request, by the user of this half login or by name. */
export async function begin(agent: BrowserAgent, more: object = {}): Promise<Begun> {
  const { body } = await agent.post('/2fa/lost/requests', request(more)).expect(202);
  return body as Begun;
}

/** A request of ann's whose contact is confirmed, and the browser that has it. */
export async function confirmed(
  host: LostApp,
  more: object = {},
): Promise<{ agent: BrowserAgent; begun: Begun }> {
  const agent = await halfLogin(host);
  const begun = await begin(agent, more);
  await agent.post(`${begun.statusUrl}/contact`, { code: newest(host.email) }).expect(200);
  return { agent, begun };
}

/** Signs ann in with what she had before. */
export async function signsIn(host: LostApp): Promise<BrowserAgent> {
  const agent = await halfLogin(host);
  await agent.post('/2fa/totp', { code: codeAt(host.secret, host.clock.now()) }).expect(200);
  return agent;
}

export const stateOf = ({ body }: Response): string => (body as { state: string }).state;

/** The link of this kind in the newest notice that has one. */
export function linkIn({ notices }: Pick<LostApp, 'notices'>, leadsTo: 'cancel' | 'requests'): string {
  const links = notices.sent.flatMap(({ text }) =>
    [...text.matchAll(/https?:\/\/\S+?(\/2fa\/lost\/(\w+)\/[\w-]+)/g)].map(([, path = '', to]) => ({
      path,
      to,
    })),
  );
  return links.find(({ to }) => to === leadsTo)?.path ?? '';
}
