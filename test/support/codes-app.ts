import { memorySender, type MemorySender, type Message, type Sender } from '../../lib';
import { errorCode, halfLogin, type BrowserAgent } from './browser-agent';
import { seconds } from './clock';
import { hostApp, type HostApp } from './host-app';
import type { Response } from 'supertest';

export type CodeType = 'otp-sms' | 'otp-email';
type Given = NonNullable<Parameters<typeof hostApp>[0]>;

export interface CodesApp extends HostApp {
  readonly sms: MemorySender;
  readonly email: MemorySender;
  /** What tells people of what happened; neither of the other two has it. */
  readonly notices: MemorySender;
}

export const annsPhone = '+420603123456';
export const annsMail = 'ann.box@mail.example';

/** A host app whose codes a test can read. */
export function codesApp(given: Given = {}, routes?: Parameters<typeof hostApp>[1]): CodesApp {
  const sms = memorySender({ keep: 2000 });
  const email = memorySender({ keep: 2000 });
  const notices = memorySender({ keep: 2000 });
  const apart =
    (codes: MemorySender): Sender<Message> =>
    (message, signal) =>
      (message.id === undefined ? codes : notices)(message, signal);
  const senders = { sms: { send: apart(sms), defaultRegion: 'CZ' }, email: { send: apart(email) } };
  return { ...hostApp({ ...senders, ...given }, routes), sms, email, notices };
}

/** The code of the newest message. */
export const newest = ({ sent }: MemorySender): string => codesOf({ sent })[0] ?? '';

/** The codes of all messages, newest first. */
export const codesOf = ({ sent }: Pick<MemorySender, 'sent'>): string[] =>
  sent.map(({ text }) => /(?<!\d)\d{6}(?!\d)/.exec(text)?.[0] ?? '');

let labels = 0;

/** Gives a user a factor that was proven elsewhere. */
export async function give(
  { twoFactor }: Pick<HostApp, 'twoFactor'>,
  type: CodeType,
  address = type === 'otp-sms' ? annsPhone : annsMail,
  userId = 'id-ann',
): Promise<string> {
  const given = await twoFactor.importFactor(userId, { type, address, label: `Way ${(labels += 1)}` });
  if (!given.ok) throw new Error(given.code);
  return given.factorId;
}

/** ann with a phone, and a mailbox if wanted. */
export async function annWith(
  types: readonly CodeType[],
  given: Given = {},
  routes?: Parameters<typeof hostApp>[1],
): Promise<CodesApp> {
  const host = codesApp(given, routes);
  for (const type of types) await give(host, type);
  return host;
}

/** Half signed in, with a code sent by SMS. */
export async function halfWithCode(host: CodesApp): Promise<{ agent: BrowserAgent; code: string }> {
  const agent = await halfLogin(host);
  await agent.post('/2fa/otp-sms/send').expect(200);
  return { agent, code: newest(host.sms) };
}

/** Signed in with a code by SMS or e-mail. */
export async function signedIn(host: CodesApp, type: CodeType = 'otp-sms'): Promise<BrowserAgent> {
  const agent = await halfLogin(host);
  await agent.post(`/2fa/${type}/send`).expect(200);
  const code = newest(type === 'otp-sms' ? host.sms : host.email);
  await agent.post(`/2fa/${type}`, { code }).expect(200);
  host.clock.move(31 * seconds);
  return agent;
}

/** A code that is none of these. */
export const noneOf = (...codes: readonly string[]): string =>
  ['000000', '111111', '222222', '333333', '444444'].find((code) => !codes.includes(code)) ?? '555555';

export const told = (response: Response) => [response.status, errorCode(response)];

/** Enrols a phone or mailbox with its own code, as JSON. */
export async function enrol(
  host: CodesApp,
  agent: BrowserAgent,
  type: CodeType,
  address: string,
  label?: string,
): Promise<Response> {
  await agent.post(`/2fa/security/${type}/send`, { address }).expect(200);
  const code = newest(type === 'otp-sms' ? host.sms : host.email);
  return agent.post(`/2fa/security/${type}`, { code, ...(label !== undefined && { label }) });
}

type OfType = {
  readonly type: string;
  readonly available: boolean;
  readonly factors: readonly { readonly id: string }[];
};

/** What the security page says about one type, in JSON. */
export async function ofType(agent: BrowserAgent, type: CodeType): Promise<OfType | undefined> {
  const { body } = await agent.get('/2fa/security').expect(200);
  return (body as { types: OfType[] }).types.find((one) => one.type === type);
}

/** The types of factors that the step accepts. */
export async function offered(agent: BrowserAgent): Promise<string[]> {
  const { body } = await agent.get('/2fa').expect(200);
  return (body as { factors: OfType[] }).factors.map(({ type }) => type);
}
