import { browser, codeAt, errorCode, halfLogin, type BrowserAgent } from '../support/browser-agent';
import { days, hours, minutes, seconds } from '../support/clock';
import { annEnrolled, subjects, toldApp, type ToldApp } from './cast';

const long = new Date(0);
/** An app that has known the mailbox of each user for years. */
const app = (since: Date | null = long) =>
  toldApp({
    users: {
      id: (user) => user.id,
      name: (user) => user.name,
      contacts: (user) => [{ channel: 'email', address: user.name, ...(since && { since }) }],
    },
  });

const linkIn = (text = ''): string => /http:\/\/localhost:3000(\/2fa\/object\/[\w-]+)/.exec(text)?.[1] ?? '';
async function newestLink(host: ToldApp): Promise<string> {
  const link = linkIn((await host.told()).at(-1)?.text);
  if (link === '') throw new Error('no link');
  return link;
}
const stranger = ({ app: of }: ToldApp) => browser(of);
const suspendedOf = async (agent: BrowserAgent): Promise<{ id: string; label: string }[]> => {
  const { body } = await agent.get('/2fa/security').expect(200);
  return (body as { suspended?: { id: string; label: string }[] }).suspended ?? [];
};

/** ann, an hour later; then an intruder in her place adds an app of their own. */
async function intruded() {
  const host = app();
  const { agent, secret, backupCodes } = await annEnrolled(host);
  host.clock.move(hours);
  const intruder = await halfLogin(host);
  await intruder.post('/2fa/totp', { code: codeAt(secret, host.clock.now()) }).expect(200);
  const { body: setup } = await intruder.get('/2fa/security/totp').expect(200);
  await intruder
    .post('/2fa/security/totp', { code: codeAt(setup.secret, host.clock.now()), label: 'Theirs' })
    .expect(201);
  const link = await newestLink(host);
  return { host, agent, secret, backupCodes, intruder, theirs: setup.secret as string, link };
}

const signInBy = async (host: ToldApp, secret: string) => {
  host.clock.move(90 * seconds);
  const agent = await halfLogin(host);
  await agent.post('/2fa/totp', { code: codeAt(secret, host.clock.now()) }).expect(200);
  return agent;
};

describe('The link in a notice', () => {
  it('shows what happened and changes nothing, however often it is opened, by whoever', async () => {
    const { host, link, intruder } = await intruded();
    for (const opener of [stranger(host), intruder]) {
      const { body } = await opener.get(link).expect(200);
      expect(body).toMatchObject({ status: 'ready', events: [{ name: 'factor.added', label: 'Theirs' }] });
      await stranger(host).agent.head(link).expect(200);
    }
    const { text, headers } = await stranger(host).page(link).expect(200);
    expect(text).toMatch(/Wasn&#39;t this you\?[\s\S]*Theirs[\s\S]*Stop it/);
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['set-cookie']).toBeUndefined();
    await intruder.get('/2fa/security').expect(200);
  });

  it('stops it once: everyone is signed out, what was added is suspended, the owner is told', async () => {
    const { host, link, intruder, agent, theirs, secret } = await intruded();
    const { body } = await stranger(host).post(link).expect(200);
    expect(body).toEqual({ status: 'objected', ended: 2, suspended: ['Theirs'] });
    for (const one of [intruder, agent]) await one.get('/2fa/security').expect(401);
    expect(subjects(await host.told()).at(-1)).toBe('A change to your account at Test App was stopped');
    for (const again of [await stranger(host).post(link), await stranger(host).get(link)])
      expect([again.status, errorCode(again)]).toEqual([404, 'not_found']);

    host.clock.move(90 * seconds);
    const half = await halfLogin(host);
    const wrong = await half.post('/2fa/totp', { code: codeAt(theirs, host.clock.now()) });
    expect(errorCode(wrong)).toBe('wrong_code');
    await half.post('/2fa/totp', { code: codeAt(secret, host.clock.now()) }).expect(200);
  });

  it('acts once of many at once', async () => {
    const { host, link } = await intruded();
    const answers = await Promise.all(Array.from({ length: 8 }, () => stranger(host).post(link)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(7);
  });

  it('holds changes for a day, which only something older than the change lifts', async () => {
    const { host, link, secret, backupCodes } = await intruded();
    await stranger(host).post(link).expect(200);
    const agent = await signInBy(host, secret);
    const held = await agent.post('/2fa/security/backup-codes');
    expect([held.status, errorCode(held)]).toEqual([403, 'changes_held']);
    expect(Number(held.headers['retry-after'])).toBeGreaterThan(23 * 3600);

    // What adds a factor says so too, instead of asking to sign in again.
    for (const type of ['totp', 'webauthn']) {
      const page = await agent.page(`/2fa/security/${type}`);
      expect([type, page.status]).toEqual([type, 403]);
      expect(page.text).toContain('Changes are on hold');
    }

    await agent.post('/2fa/security/hold/lift').expect(200);
    await agent.post('/2fa/security/backup-codes').expect(201);

    const other = await intruded();
    await stranger(other.host).post(other.link).expect(200);
    const later = await halfLogin(other.host);
    await later.post('/2fa/backup-code', { code: other.backupCodes[0] }).expect(200);
    other.host.clock.move(6 * minutes);
    const stale = await later.post('/2fa/security/hold/lift');
    expect(errorCode(stale)).toBe('step_up_required');
    other.host.clock.move(days);
    expect(backupCodes).toHaveLength(10);
    const next = await signInBy(other.host, other.secret);
    await next.post('/2fa/security/backup-codes').expect(201);
  });

  it('holds changes against an intruder who had added something before what was stopped', async () => {
    const { host, intruder, theirs, secret } = await intruded();
    host.clock.move(minutes);
    const { body: setup } = await intruder.get('/2fa/security/totp').expect(200);
    const code = codeAt(setup.secret, host.clock.now());
    await intruder.post('/2fa/security/totp', { code, label: 'Theirs, too' }).expect(201);
    await stranger(host)
      .post(await newestLink(host))
      .expect(200);
    const back = await signInBy(host, theirs);
    expect(errorCode(await back.post('/2fa/security/hold/lift'))).toBe('step_up_required');
    expect(errorCode(await back.post('/2fa/security/backup-codes'))).toBe('changes_held');
    await (await signInBy(host, secret)).post('/2fa/security/hold/lift').expect(200);
  });

  it('stops as well what was added unseen, as there had been too many notices within the hour', async () => {
    const { host, intruder, secret } = await intruded();
    const addApp = async (label: string): Promise<string> => {
      const { body: setup } = await intruder.get('/2fa/security/totp').expect(200);
      const code = codeAt(setup.secret, host.clock.now());
      const { body } = await intruder.post('/2fa/security/totp', { code, label }).expect(201);
      return (body as { factor: { id: string } }).factor.id;
    };
    for (const time of [1, 2, 3, 4]) {
      const id = await addApp(`Noise ${time}`);
      await intruder.post(`/2fa/security/factors/${id}/remove`).expect(200);
    }
    const added = async () => (await host.told()).filter(({ text }) => text.includes('added'));
    const link = linkIn((await added()).at(-1)?.text);
    const before = (await added()).length;
    await addApp('Unseen');
    expect((await added()).length).toBe(before);

    expect((await stranger(host).page(link).expect(200)).text).toContain('Unseen');
    const { body } = await stranger(host).post(link).expect(200);
    expect(body).toMatchObject({ status: 'objected', suspended: ['Unseen'] });
    const agent = await signInBy(host, secret);
    expect((await suspendedOf(agent)).map(({ label }) => label)).toEqual(['Unseen']);
  });

  it('holds up no ending of logins: the intruder may be back', async () => {
    const { host, link, secret } = await intruded();
    await stranger(host).post(link).expect(200);
    await signInBy(host, secret);
    const back = await signInBy(host, secret);
    const agent = await signInBy(host, secret);
    const { body } = await agent.get('/2fa/security/logins').expect(200);
    const { id } = (body as { logins: { id: string; isThis: boolean }[] }).logins.filter(
      ({ isThis }) => !isThis,
    )[1] ?? { id: '' };
    expect((await agent.post(`/2fa/security/logins/${id}/end`)).body).toEqual({ status: 'ended', count: 1 });
    expect((await agent.post('/2fa/security/logins/end-others')).body).toEqual({ status: 'ended', count: 1 });
    await back.get('/2fa/security').expect(401);
    expect(errorCode(await agent.post('/2fa/security/backup-codes'))).toBe('changes_held');
  });

  it('is not ended by what an intruder changes afterwards', async () => {
    const { host, link, intruder } = await intruded();
    const { body } = await intruder.post('/2fa/security/backup-codes').expect(201);
    await intruder.post('/2fa/security/backup-codes/acknowledge', { code: body.backupCodes[0] }).expect(200);
    await stranger(host).get(link).expect(200);
  });

  it('is ended by a change that was proven, afterwards, with something older', async () => {
    const { host, link, secret } = await intruded();
    const agent = await signInBy(host, secret);
    const { body } = await agent.get('/2fa/security').expect(200);
    await agent
      .post(`/2fa/security/factors/${body.types[0].factors[0].id}/rename`, { label: 'Mine' })
      .expect(200);
    await stranger(host).get(link).expect(404);
  });

  it('is ended by nothing that was proven with what the change had added', async () => {
    const host = app();
    const agent = stranger(host);
    await agent.signIn('ann').expect(200);
    const { body: setup } = await agent.get('/2fa/security/totp').expect(200);
    const code = codeAt(setup.secret, host.clock.now());
    const { body: codes } = await agent.post('/2fa/security/totp', { code }).expect(201);
    // From its first code to the save that makes it real.
    host.clock.move(2 * seconds);
    await agent.post('/2fa/security/backup-codes/acknowledge', { code: codes.backupCodes[0] }).expect(200);
    const link = await newestLink(host);
    host.clock.move(90 * seconds);
    await agent.post('/2fa/totp', { code: codeAt(setup.secret, host.clock.now()) }).expect(200);
    const { body } = await agent.get('/2fa/security').expect(200);
    await agent
      .post(`/2fa/security/factors/${body.types[0].factors[0].id}/rename`, { label: 'Mine' })
      .expect(200);
    await stranger(host).get(link).expect(200);
  });

  it('is not pushed out by what happens afterwards, however much it is', async () => {
    const { host, link, intruder } = await intruded();
    for (let hour = 0; hour < 14; hour += 1) {
      host.clock.move(hours + minutes);
      for (let time = 0; time < 5; time += 1) {
        await host.twoFactor.signOutEverywhere('id-ann');
        await host.told();
      }
    }
    expect(intruder).toBeDefined();
    await stranger(host).get(link).expect(200);
  });

  it('is good for thirty days', async () => {
    const { host, link } = await intruded();
    host.clock.move(30 * days - minutes);
    await stranger(host).get(link).expect(200);
    host.clock.move(minutes);
    await stranger(host).post(link).expect(404);
  });

  it('is in no mail to an address that is younger than seven days', async () => {
    const host = app(null);
    const { agent } = await annEnrolled(host);
    expect(linkIn((await host.told()).at(-1)?.text)).toBe('');
    host.clock.move(7 * days);
    const again = await halfLogin(host);
    await again.post('/2fa/totp', { code: '000000' });
    expect(linkIn((await host.told()).at(-1)?.text)).not.toBe('');
    expect(agent).toBeDefined();
  });

  it('obeys no other site', async () => {
    const { host, link } = await intruded();
    for (const site of ['cross-site', 'same-site'])
      await stranger(host).post(link).set('Sec-Fetch-Site', site).expect(403);
    await stranger(host).post(link).set('Origin', 'https://evil.example').expect(403);
    await stranger(host).get(link).expect(200);
  });

  it.each(['x', 'a'.repeat(200), '%00', '..%2f..'])('leads nowhere if it is %s', async (token) => {
    const host = app();
    const answer = await stranger(host).get(`/2fa/object/${token}`);
    expect([answer.status, errorCode(answer)]).toEqual([404, 'not_found']);
  });
});

describe('What an objection suspended', () => {
  it('can be used again, or removed, by its owner after the hold', async () => {
    for (const action of ['restore', 'remove']) {
      const { host, link, secret, theirs } = await intruded();
      await stranger(host).post(link).expect(200);
      const agent = await signInBy(host, secret);
      const [suspended] = await suspendedOf(agent);
      expect(suspended).toMatchObject({ type: 'totp', label: 'Theirs' });
      const url = `/2fa/security/factors/${suspended?.id}/${action}`;
      expect(errorCode(await agent.post(url))).toBe('changes_held');
      await agent.post('/2fa/security/hold/lift').expect(200);
      await agent.post(url).expect(200);
      expect(await suspendedOf(agent)).toEqual([]);

      host.clock.move(90 * seconds);
      const half = await halfLogin(host);
      const answer = await half.post('/2fa/totp', { code: codeAt(theirs, host.clock.now()) });
      expect(answer.status).toBe(action === 'restore' ? 200 : 401);
    }
  });

  it('leaves the owner a backup code of before, where an intruder removed everything else', async () => {
    const { host, link, intruder, secret, backupCodes } = await intruded();
    const { body } = await intruder.get('/2fa/security').expect(200);
    const [own] = (body.types[0].factors as { id: string; label: string }[]).filter(
      ({ label }) => label !== 'Theirs',
    );
    await intruder.post(`/2fa/security/factors/${own?.id}/remove`).expect(200);
    await stranger(host).post(link).expect(200);
    const half = await halfLogin(host);
    host.clock.move(90 * seconds);
    expect((await half.post('/2fa/totp', { code: codeAt(secret, host.clock.now()) })).status).toBe(404);
    await half.post('/2fa/backup-code', { code: backupCodes[0] }).expect(200);
    await half.post('/2fa/security/hold/lift').expect(200);
    await half.get('/2fa/security/totp').expect(200);
  });

  it('still makes its user owe, where it was the only one', async () => {
    const host = app();
    const { agent } = await annEnrolled(host);
    const link = await newestLink(host);
    const { body } = await stranger(host).post(link).expect(200);
    expect(body).toMatchObject({ suspended: ['Authenticator app'] });
    expect(await host.twoFactor.statusOf('id-ann')).toMatchObject({ enabled: true, factors: [] });
    const half = await halfLogin(host);
    await agent.get('/2fa/security').expect(401);
    const { text } = await half.page('/2fa').expect(200);
    expect(text).toContain('was stopped by the link in one of our messages');
    expect(text).toContain('Contact the people who run this site');
  });
});
