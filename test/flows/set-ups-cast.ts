import type { Response } from 'supertest';
import { formToken } from '../advisories/cast';
import { browser, codeAt, enrolTotp, type BrowserAgent } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { codesApp, newest, noneOf, type CodesApp } from '../support/codes-app';
import { localKey } from '../support/keys';

export type Kind = (typeof laterKinds)[number];
export type Which = 'first' | 'later';
type Answers = Readonly<Record<string, Response>>;

/** A set-up in progress: what belongs to it alone, and what would make it real. */
export interface SetUp {
  readonly kind: Kind;
  /** What nobody may be shown who may not see it. */
  readonly secrets: readonly string[];
  readonly path: string;
  /** Confirms it, by the right code of now. */
  readonly right: () => object;
  readonly wrong: () => object;
}

export interface Scene extends CodesApp {
  readonly which: Which;
  readonly name: 'ann' | 'bob';
  /** Of whom has a factor already. */
  readonly seed: string;
  readonly agent: BrowserAgent;
}

const base = '/2fa/security';
const confirmPath = (kind: Kind): string =>
  kind === 'backup-codes' ? `${base}/backup-codes/acknowledge` : `${base}/${kind}`;

/** Somebody just signed in: who has no factor, or who has an app and has just used it. */
export async function scene(which: Which): Promise<Scene> {
  const host = codesApp();
  const name = which === 'first' ? 'bob' : 'ann';
  const agent = browser(host.app);
  await agent.signIn(name).expect(200);
  const seed = which === 'first' ? '' : (await enrolTotp(agent, host.clock.now())).secret;
  return { ...host, which, name, seed, agent };
}

/** Signs the same person in once more, by whatever it takes. */
export async function signInAgain({ app, clock, name, seed }: Scene, agent = browser(app)) {
  clock.move(30 * seconds);
  const { status } = await agent.signIn(name);
  if (status === 401) await agent.post('/2fa/totp', { code: codeAt(seed, clock.now()) }).expect(200);
  return agent;
}

/** Begins a set-up with a fresh proof, as far as its page goes. */
export async function begin(host: Scene, kind: Kind, agent = host.agent): Promise<SetUp> {
  const { clock } = host;
  const path = confirmPath(kind);
  if (kind === 'totp') {
    const { body } = await agent.get(path).expect(200);
    const secret: string = body.secret;
    return {
      kind,
      path,
      secrets: [secret, secret.replace(/(.{4})(?=.)/g, '$1 ')],
      right: () => ({ code: codeAt(secret, clock.now()) }),
      wrong: () => ({
        code: noneOf(...[-30, 0, 30].map((at) => codeAt(secret, clock.now() + at * seconds))),
      }),
    };
  }
  if (kind === 'webauthn') {
    const key = localKey();
    let { challenge } = (await agent.post(`${path}/options`).expect(200)).body as { challenge: string };
    return {
      kind,
      path,
      secrets: [challenge],
      right: () => ({ response: key.create(challenge) }),
      wrong: () => {
        challenge = `${challenge.slice(1)}A`;
        return { response: key.create(challenge) };
      },
    };
  }
  if (kind === 'backup-codes') {
    const { body } = await agent.post(`${base}/backup-codes`).expect(201);
    return codesToAcknowledge(body.backupCodes);
  }
  const address = kind === 'otp-sms' ? '+420777000011' : 'new.box@mail.example';
  await agent.post(`${path}/send`, { address }).expect(200);
  const code = newest(kind === 'otp-sms' ? host.sms : host.email);
  return { kind, path, secrets: [address], right: () => ({ code }), wrong: () => ({ code: noneOf(code) }) };
}

/** The backup codes of a first factor whose code was right. */
export async function beginAcknowledging(host: Scene, kind: (typeof firstKinds)[number]): Promise<SetUp> {
  const { path, right } = await begin(host, kind);
  const { body } = await host.agent.post(path, right()).expect(201);
  return codesToAcknowledge(body.backupCodes);
}

const codesToAcknowledge = (codes: readonly string[]): SetUp => ({
  kind: 'backup-codes',
  path: confirmPath('backup-codes'),
  secrets: codes,
  right: () => ({ code: codes[0] }),
  wrong: () => ({ code: '0000-0000-0000-0000' }),
});

/** Everything that shows something of a set-up or takes it further, asked by script and by form. */
export async function askAll({ kind, path, right, wrong }: SetUp, agent: BrowserAgent): Promise<Answers> {
  const page = kind === 'backup-codes' ? `${base}/backup-codes` : path;
  const fieldsOf = (body: object): Record<string, string> =>
    Object.fromEntries(
      Object.entries(body).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    );
  const token = formToken((await agent.page('/2fa/security')).text);
  const form = (to: string, body: object) => agent.form(to, { form_token: token, ...fieldsOf(body) });
  const address = kind === 'otp-sms' ? '+420777000022' : 'other.box@mail.example';
  const more: readonly (readonly [string, string, object])[] = {
    totp: [['begins', `${path}/begin`, {}] as const],
    webauthn: [['asks for options', `${path}/options`, {}] as const],
    'otp-sms': [['sends', `${path}/send`, { address }] as const],
    'otp-email': [['sends', `${path}/send`, { address }] as const],
    'backup-codes': [['makes new ones', page, {}] as const, ['downloads', `${page}/download`, {}] as const],
  }[kind];
  const answers: Record<string, Response> = {
    'looks, as a script': await agent.get(page),
    'looks, as a page': await agent.page(page),
    'is wrong, as a form': await form(path, wrong()),
    'is wrong, as a script': await agent.post(path, wrong()),
    'is malformed, as a form': await form(path, { code: 'x', response: 'x' }),
  };
  for (const [what, to, body] of more) {
    if (kind !== 'webauthn') answers[`${what}, as a form`] = await form(to, body);
    answers[`${what}, as a script`] = await agent.post(to, body);
  }
  answers['is right, as a form'] = await form(path, right());
  answers['is right, as a script'] = await agent.post(path, right());
  return answers;
}

export const firstKinds = ['totp', 'otp-sms', 'otp-email', 'webauthn'] as const;
export const laterKinds = [...firstKinds, 'backup-codes'] as const;

/** Long after its set-up could be seen without a proof, and before it is forgotten. */
export const walkAway = ({ clock }: Scene): void => clock.move(55 * minutes);

export const accountOf = async ({ options, name }: Scene): Promise<string> =>
  JSON.stringify(await options.accounts.load(`id-${name}` as never));
