import type { UserId } from '../../lib/account/account';
import { codeAt, errorCode, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { seconds } from '../support/clock';
import { isExhaustive } from '../support/exhaustive';
import { hostApp, origin, type HostApp } from '../support/host-app';
import { browser } from '../support/browser-agent';
import {
  addApp,
  cookiesOf,
  count,
  factorIds,
  formToken,
  isLong,
  jumbledAccounts,
  listen,
  rawServer,
  withAnn,
  wrongCode,
  type Cast,
} from './cast';

const rounds = isLong ? 50 : isExhaustive ? 10 : 3;
const deadline = '60s';

interface Guesser {
  readonly cookie: string;
  readonly token: string;
}

/** Half logins of ann in browsers nobody has seen, as raw cookies. */
async function guessers(cast: Cast, howMany: number): Promise<Guesser[]> {
  const made: Guesser[] = [];
  for (let nth = 0; nth < howMany; nth += 1) {
    const agent = browser(cast.app);
    const cookie = cookiesOf(await agent.signIn('ann').expect(401));
    made.push({ cookie, token: formToken((await agent.page('/2fa').expect(200)).text) });
  }
  return made;
}

const asJson = (code: string, { cookie }: Guesser) => ({
  method: 'POST',
  headers: { cookie, origin, accept: 'application/json', 'content-type': 'application/json' },
  body: JSON.stringify({ code }),
});

const asForm = (code: string, { cookie, token }: Guesser) => ({
  method: 'POST',
  headers: { cookie, origin, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
  body: `form_token=${token}&code=${code}`,
});

/** A user of its own, with the same seed as all others here. */
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
async function newUser(host: HostApp, name: string): Promise<void> {
  host.users.set(name, { id: `id-${name}`, name });
  await host.twoFactor.importFactor(`id-${name}`, { type: 'totp', secret, label: 'App' });
}

async function halfLogins(host: HostApp, name: string, howMany: number): Promise<BrowserAgent[]> {
  const agents: BrowserAgent[] = [];
  for (let nth = 0; nth < howMany; nth += 1) agents.push(await halfLogin(host, name));
  return agents;
}

describe('Two hundred guesses at once', () => {
  it.each([
    ['JSON', 1, asJson],
    ['JSON', 40, asJson],
    ['forms', 1, asForm],
    ['forms', 40, asForm],
  ] as const)(
    'CVE-2024-4629: no more are judged than the budget has, by %s over half logins of %s',
    async (_form, logins, asked) => {
      const cast = await withAnn({ accounts: jumbledAccounts(), deadline });
      const heard = listen(cast.twoFactor);
      const who = await guessers(cast, logins);
      const { send } = await rawServer(cast.app);
      const owner = cast.ann;
      await owner.signOut();
      await owner.signIn('ann').expect(401);
      const budget = logins === 1 ? 5 : 10;
      const at = cast.clock.now();

      let refusedUnread: () => void = () => undefined;
      const first = new Promise<void>((done) => {
        refusedUnread = done;
      });
      const storm = Array.from({ length: 199 }, async (_, nth) => {
        const guesser = who[nth % who.length] ?? { cookie: '', token: '' };
        const answer = await send('/2fa/totp', asked(wrongCode(secretOf(cast), at, nth % 5), guesser));
        if (answer.status === 429 || /half_login_ended|This sign-in has ended/.test(answer.text))
          refusedUnread();
        return answer;
      });
      // The right code comes last, once the first one has been refused unread.
      await first;
      const right = await send('/2fa/totp', asked(cast.code(), who[0] ?? { cookie: '', token: '' }));
      expect([401, 429]).toContain(right.status);
      expect(right.headers['set-cookie']).toBeUndefined();
      // Meanwhile the owner comes home, on the browser she has.
      const home = await owner.post('/2fa/totp', { code: cast.code() });
      expect(home.status).toBe(200);

      const answers = await Promise.all(storm);
      const judged = heard.filter(
        ({ name, code }) => name === 'proof.refused' && (code === 'wrong_code' || code === 'clock_off'),
      );
      expect(judged).toHaveLength(budget);
      const { lanes } = (await cast.options.accounts.load('id-ann' as UserId)) ?? {};
      expect(lanes?.others.left).toBe(10 - budget);
      expect(lanes?.known.left).toBe(10);
      expect(answers.filter(({ status }) => ![401, 422, 429].includes(status))).toEqual([]);
      for (const { cookie } of who) {
        const me = await send('/me', { headers: { cookie, accept: '*/*' } });
        expect(me.text).toContain('"user":null');
      }
    },
  );

  it.each(['CVE-2023-33170', 'CVE-2019-5421'])(
    '%s: the count is exact under any interleaving: 10 judged, 190 refused unread',
    async () => {
      const cast = await withAnn({ accounts: jumbledAccounts(), deadline });
      const wrong = cast.wrong();
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, () => cast.twoFactor.verify('id-ann', 'totp', { code: wrong })),
      );
      const codes = outcomes.map((outcome) => (outcome.ok ? 'passed' : outcome.code));
      expect(count(codes, (code) => code === 'wrong_code')).toBe(10);
      expect(count(codes, (code) => code === 'locked')).toBe(190);
    },
  );
});

const secretOf = ({ secret: own }: Cast): string => own;

describe('Twenty uses at once', () => {
  it('CVE-2026-22751: of one TOTP code exactly one signs in, each round on an account of its own', async () => {
    const host = hostApp({ accounts: jumbledAccounts(), deadline });
    for (let round = 0; round < rounds; round += 1) {
      const name = `user${round}`;
      await newUser(host, name);
      const agents = await halfLogins(host, name, 20);
      const code = codeAt(secret, host.clock.now());
      const answers = await Promise.all(agents.map((agent) => agent.post('/2fa/totp', { code })));
      expect(count(answers, ({ status }) => status === 200)).toBe(1);
      expect(new Set(answers.map(errorCode))).toEqual(new Set([undefined, 'code_used']));
      const inside = await Promise.all(agents.map((agent) => agent.get('/me')));
      expect(count(inside, ({ status }) => status === 200)).toBe(1);
    }
  }, 120_000);

  it('CVE-2026-48505: of one backup code exactly one signs in, each round another code', async () => {
    const cast = await withAnn({ accounts: jumbledAccounts(), deadline });
    let codes = cast.backupCodes;
    for (let round = 0; round < rounds; round += 1) {
      if (round % 8 === 7) {
        cast.clock.move(30 * seconds);
        await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
        const { body } = await cast.ann.post('/2fa/security/backup-codes').expect(201);
        codes = body.backupCodes;
        await cast.ann.post('/2fa/security/backup-codes/acknowledge', { code: codes[0] }).expect(200);
      }
      const agents = await halfLogins(cast, 'ann', 20);
      const code = codes[round % 8];
      const answers = await Promise.all(agents.map((agent) => agent.post('/2fa/backup-code', { code })));
      expect(count(answers, ({ status }) => status === 200)).toBe(1);
      expect(new Set(answers.map(errorCode))).toEqual(new Set([undefined, 'code_used']));
    }
  }, 120_000);
});

describe('Two removals at once', () => {
  it('no order of two parallel removals leaves fewer factors than must be kept', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const cast = await withAnn({ accounts: jumbledAccounts(), deadline, keepFactors: 1 });
      await addApp(cast.ann, cast.clock.now(), 'Tablet');
      const other = await halfLogin(cast);
      await other.post('/2fa/totp', { code: cast.code() }).expect(200);
      const [one = '', two = ''] = await factorIds(cast.ann);
      const answers = await Promise.all([
        cast.ann.post(`/2fa/security/factors/${one}/remove`),
        other.post(`/2fa/security/factors/${two}/remove`),
      ]);
      expect(count(answers, ({ status }) => status === 200)).toBe(1);
      expect([401, 409]).toContain(answers.find(({ status }) => status !== 200)?.status);
      const account = await cast.options.accounts.load('id-ann' as UserId);
      expect(account?.factors).toHaveLength(1);
      expect(account?.backupCodes).not.toBeNull();
    }
  });

  it('two removals of one factor remove it once, and the last one stays', async () => {
    const cast = await withAnn({ accounts: jumbledAccounts(), deadline, keepFactors: 1 });
    await addApp(cast.ann, cast.clock.now(), 'Tablet');
    const [one = ''] = await factorIds(cast.ann);
    const heard = listen(cast.twoFactor);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => cast.ann.post(`/2fa/security/factors/${one}/remove`)),
    );
    expect(count(answers, ({ status }) => status === 200)).toBe(1);
    expect(count(heard, ({ name }) => name === 'factor.removed')).toBe(1);
    const last = await halfLogin(cast);
    expect((await last.get('/2fa')).body.types).toContain('totp');
  });
});
