import type { Express } from 'express';
import type { Response } from 'supertest';
import { browser, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { hours, seconds } from '../support/clock';
import { share } from '../support/exhaustive';
import {
  annsPhone,
  annWith,
  enrol,
  give,
  newest,
  signedIn,
  told,
  type CodesApp,
  type CodeType,
} from '../support/codes-app';

const plenty = { sends: 9_999, per: '1h' } as const;
const AN_HOUR = 5;
/** More than any account may ask for. */
const MOST = 40;
const home = '192.0.2.1';

/** One of a stranger's accounts, where it asks from, and whom it wants to have no code. */
interface Account {
  readonly name: string;
  readonly ip: string;
  readonly type: CodeType;
  /** A target of its own for each message. */
  readonly target: (nth: number) => string;
}

const send = (agent: BrowserAgent, type: CodeType, ip: string) =>
  agent.post(`/2fa/${type}/send`).set('X-Forwarded-For', ip);

/** As often as it can, each time from a login of its own: what is unproven is what somebody else has. */
async function enrols(host: CodesApp, { name, ip, type, target }: Account): Promise<void> {
  for (let nth = 0; nth < MOST; nth += 1) {
    const agent = browser(host.app);
    await agent.signIn(name).expect(200);
    const path = `/2fa/security/${type}/send`;
    const answer = await agent.post(path, { address: target(nth) }).set('X-Forwarded-For', ip);
    if (answer.status === 429) return;
  }
  throw new Error('a stranger was never refused');
}

/** With an address of its own that is proven, in a browser that is known: what bounds it is its own, so a few will do. */
async function signsIn(host: CodesApp, { name, ip, type, target }: Account): Promise<void> {
  await give(host, type, target(0), `id-${name}`);
  const agent = await halfLogin(host, name);
  const first = await send(agent, type, ip);
  if (first.status === 429) return;
  await agent.post(`/2fa/${type}`, { code: newest(type === 'otp-sms' ? host.sms : host.email) }).expect(200);
  for (let nth = 0; nth < 2; nth += 1) {
    await agent.signOut();
    await agent.signIn(name).expect(401);
    await send(agent, type, ip).expect(200);
  }
}

/** In browsers that nobody knows. */
async function signsInAnywhere(host: CodesApp, { name, ip, type, target }: Account): Promise<void> {
  await give(host, type, target(0), `id-${name}`);
  for (let nth = 0; nth < MOST; nth += 1) {
    if ((await send(await halfLogin(host, name), type, ip)).status === 429) return;
  }
  throw new Error('a stranger was never refused');
}

const elsewhere = (account: number): string => `198.51.${account}.7`;
const inBlock = (n: number): string => `+42060312${String(n).padStart(4, '0')}`;
const inCountry = (n: number): string => `+42072${1_000_000 + ((n * 9_973) % 9_000_000)}`;
const mailbox = (n: number): string => `stranger.${n}@mail.example`;

/** What an account does against each budget. */
const TARGETS = {
  address: (account) => ({ ip: elsewhere(account), type: 'otp-sms', target: () => annsPhone }),
  prefix: (account) => ({
    ip: elsewhere(account),
    type: 'otp-sms',
    target: (nth) => inBlock(account * 10 + nth),
  }),
  country: (account) => ({
    ip: elsewhere(account),
    type: 'otp-sms',
    target: (nth) => inCountry(account * 10 + nth),
  }),
  ip: (account) => ({ ip: home, type: 'otp-email', target: (nth) => mailbox(account * 10 + nth) }),
  app: (account) => ({
    ip: elsewhere(account),
    type: 'otp-email',
    target: (nth) => mailbox(account * 10 + nth),
  }),
} as const satisfies Record<string, (account: number) => Omit<Account, 'name'>>;

type Name = keyof typeof TARGETS;
type Attack = (host: CodesApp, account: Account) => Promise<void>;

async function strangers(host: CodesApp, budget: Name, size: number, attack: Attack): Promise<void> {
  for (let nth = 0; nth < size; nth += 1) {
    const name = `stranger-${nth}`;
    host.users.set(name, { id: `id-${name}`, name: `${name}@example.com` });
    await attack(host, { name, ...TARGETS[budget](nth) });
  }
}

const behindProxy = (app: Express) => app.set('trust proxy', 1);

/** The owner of a phone, who signed in with it long ago, in a browser that is still there. */
async function owner(sends: Parameters<typeof annWith>[1] = {}): Promise<CodesApp & { agent: BrowserAgent }> {
  const host = await annWith(['otp-sms'], sends, behindProxy);
  const agent = await halfLogin(host);
  await send(agent, 'otp-sms', home).expect(200);
  await agent.post('/2fa/otp-sms', { code: newest(host.sms) }).expect(200);
  host.clock.move(25 * hours);
  await agent.signOut();
  return { ...host, agent };
}

/** Signs in again and again by a code, until none goes out any more: how many did, and what refused the next one. */
async function signInsOf(host: CodesApp, agent: BrowserAgent | null, most = 99) {
  let refused: Response | null = null;
  let sent = 0;
  while (refused === null && sent < most) {
    const at = agent ?? browser(host.app);
    await at.signIn('ann').expect(401);
    const answer = await send(at, 'otp-sms', home);
    if (answer.status !== 200) refused = answer;
    else sent += 1;
    if (refused === null) await at.post('/2fa/otp-sms', { code: newest(host.sms) }).expect(200);
    if (refused === null) await at.signOut();
  }
  return { sent, refused: refused && told(refused) };
}

const manyADay = { app: { sends: 9_999, per: '1d' } } as const;
const ranges = ['address', 'prefix', 'country', 'ip'] as const;
const isUsual = (size: number): boolean => size === 10;
const SIZES = share([1, 10, 100], isUsual);
const ATTACKS = { enrols, 'signs in': signsIn, 'signs in where nobody knows it': signsInAnywhere } as const;
const cases = Object.entries(ATTACKS).flatMap(([how, attack]) =>
  ranges.flatMap((budget) => SIZES.map((size) => ({ how, budget, size, attack }))),
);

describe('What strangers do takes nothing from the owner', () => {
  it.each(cases)('a stranger $how, against the budget $budget, with $size accounts', async (one) => {
    const { agent, ...host } = await owner({ sends: { limits: manyADay } });
    await strangers(host, one.budget, one.size, one.attack);
    // In a browser that is known, and in one that is not.
    for (const where of [agent, null])
      expect(await signInsOf(host, where)).toEqual({ sent: AN_HOUR, refused: [429, 'too_many_sends'] });
  });

  it.each(SIZES)(
    'nor from one who has never used the phone that was imported: %d accounts that enrol',
    async (size) => {
      for (const budget of ranges) {
        const host = await annWith(['otp-sms'], { sends: { limits: manyADay } }, behindProxy);
        await strangers(host, budget, size, enrols);
        expect((await signInsOf(host, null)).sent).toBe(AN_HOUR);
      }
    },
  );
});

describe('The bound of the whole app', () => {
  const APP = 40;
  const limits = { app: { sends: APP, per: '1d' }, user: plenty, address: plenty, ip: plenty } as const;

  it.each(SIZES)('is a quarter for %d accounts that enrol, and the rest for the owner', async (size) => {
    const { agent, ...host } = await owner({ sends: { limits } });
    await strangers(host, 'app', size, enrols);
    expect(host.email.sent.length).toBe(APP / 4);
    expect(await signInsOf(host, null, APP / 4 - 1)).toMatchObject({ refused: null });
    expect((await signInsOf(host, agent)).refused).toEqual([429, 'too_many_sends']);
    expect(host.email.sent.length + host.sms.sent.length).toBe(APP + 1);
  });

  it('is half for strangers who do all they can, and the rest for the owner in a known browser', async () => {
    const { agent, ...host } = await owner({ sends: { limits } });
    await strangers(host, 'app', 10, enrols);
    await strangers(host, 'app', 10, signsInAnywhere);
    expect(host.email.sent.length).toBe(APP / 2);
    expect((await signInsOf(host, agent)).sent).toBe(APP / 2);
  });
});

describe('A mailbox that belongs to someone else', () => {
  it.each([
    ['a plus', (nth: number) => `victim+${nth}@mail.example`],
    [
      'dots at a host that ignores them',
      (nth: number) => `v.${'ictim'.slice(0, nth)}.${'ictim'.slice(nth)}@gmail.com`,
    ],
  ])('gets five mails an hour, from any number of accounts, with %s', async (_, spelled) => {
    const host = await annWith([], {}, behindProxy);
    let spellings = 0;
    await strangers(host, 'app', 4, (at, account) =>
      enrols(at, { ...account, target: () => spelled((spellings++ % 4) + 1) }),
    );
    expect(host.email.sent).toHaveLength(AN_HOUR);
    expect(new Set(host.email.sent.map(({ to }) => to)).size).toBe(4);
  });

  it('and is stored, compared and sent to as it was typed', async () => {
    const host = await annWith(['otp-sms']);
    const ann = await signedIn(host);
    for (const address of ['a.nn+1@gmail.com', 'ann+2@googlemail.com']) {
      expect((await enrol(host, ann, 'otp-email', address)).status).toBe(201);
      expect(host.email.sent[0]?.to).toBe(address);
      host.clock.move(31 * seconds);
    }
  });
});
