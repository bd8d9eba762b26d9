import { browser, codeAt } from '../support/browser-agent';
import { seconds } from '../support/clock';
import { codesApp, give, newest } from '../support/codes-app';
import { hostApp } from '../support/host-app';
import { addKey, enrolKey, passkeysApp, proveKey } from '../support/keys';
import { softKey } from '../support/soft-key';
import {
  accountOf,
  askedBy,
  keysOf,
  ownerOf,
  told,
  userOf,
  type Given,
  type Owner,
} from '../flows/keys-cast';

const movedTo = 'https://new.example';

/** The same app, and its users, at another address. */
const moved = ({ options, clock }: Pick<Owner, 'options' | 'clock'>, given: Given = {}) =>
  hostApp({ accounts: options.accounts, clock, origin: movedTo, ...given });
const movedKey = () => softKey(-7, undefined, undefined, { rpId: 'new.example', origin: movedTo });

type Host = ReturnType<typeof hostApp>;

async function atTheStep(host: Pick<Host, 'app'>) {
  const agent = browser(host.app, movedTo);
  await agent.signIn('ann').expect(401);
  return agent;
}

interface Listed {
  readonly id: string;
  readonly type: string;
  readonly key?: { readonly usable: boolean; readonly rpId: string };
}

async function factorsOf(agent: ReturnType<typeof browser>): Promise<Listed[]> {
  const { body } = await agent.get('/2fa/security').expect(200);
  return (body as { types: { factors: Listed[] }[] }).types.flatMap(({ factors }) => factors);
}

describe('The app has another address than when a key was added', () => {
  it('the user still owes, the key is not offered nor taken, and a backup code lets them in', async () => {
    const ann = await ownerOf(hostApp());
    const host = moved(ann);
    const agent = await atTheStep(host);
    const { body: step } = await agent.get('/2fa').expect(200);
    expect(step).toMatchObject({
      status: 'owed',
      factors: [],
      types: ['backup-code'],
      preferred: 'backup-code',
    });
    expect(told(await agent.post('/2fa/webauthn/options'))).toEqual([404, 'not_found']);
    const before = await accountOf(ann);
    const lies = [{}, { rpId: 'new.example', client: { origin: movedTo } }];
    for (const lie of lies) {
      expect(told(await agent.post('/2fa/webauthn', { response: ann.key.get('AAAA', lie) }))).toEqual([
        404,
        'not_found',
      ]);
    }
    expect(await accountOf(ann)).toEqual(before);
    await agent.page('/2fa').expect(200);
    await agent.post('/2fa/backup-code', { code: ann.backupCodes[1] ?? '' }).expect(200);
    expect(await userOf(agent)).toBe('id-ann');
    const [key] = await factorsOf(agent);
    expect(key?.key).toMatchObject({ usable: false, rpId: 'localhost' });
    expect((await agent.page('/2fa/security').expect(200)).text).toContain('localhost');
  });

  it('the same device is added again, signs in, and the old entry is removed; two-factor stays on', async () => {
    const ann = await ownerOf(hostApp());
    const host = moved(ann);
    const agent = await atTheStep(host);
    await agent.post('/2fa/backup-code', { code: ann.backupCodes[1] ?? '' }).expect(200);
    const { excludeCredentials, user } = await askedBy(agent, '/2fa/security/webauthn/options');
    expect(excludeCredentials).toEqual([]);
    expect(user?.id).toBe(ann.handle);
    const key = movedKey();
    expect((await addKey(agent, key)).status).toBe(201);
    const [old, fresh] = await factorsOf(agent);
    expect([old?.key?.usable, fresh?.key?.usable]).toEqual([false, true]);

    host.clock.move(1 * seconds);
    const again = await atTheStep(host);
    const { allowCredentials } = await askedBy(again, '/2fa/webauthn/options');
    expect(allowCredentials?.map(({ id }) => id)).toEqual([key.id]);
    expect((await proveKey(again, key)).status).toBe(200);
    await again.post(`/2fa/security/factors/${old?.id}/remove`).expect(200);
    expect((await keysOf(ann)).map(({ credentialId }) => credentialId)).toEqual([key.id]);
    host.clock.move(1 * seconds);
    expect((await proveKey(await atTheStep(host), key)).status).toBe(200);
  });

  it('back at the old address the key is as good as ever', async () => {
    const ann = await ownerOf(hostApp());
    const half = await atTheStep(moved(ann));
    await half.post('/2fa/backup-code', { code: ann.backupCodes[1] ?? '' }).expect(200);
    const agent = browser(ann.app);
    await agent.signIn('ann').expect(401);
    expect((await proveKey(agent, ann.key)).status).toBe(200);
  });

  it('another rpId is another address too, above the same origin', async () => {
    const at = { rpId: 'admin.x.example', origin: 'https://admin.x.example' };
    const key = softKey(-7, undefined, undefined, at);
    const first = hostApp({ origin: at.origin });
    const agent = browser(first.app, at.origin);
    await agent.signIn('ann').expect(200);
    const { backupCodes } = await enrolKey(agent, key);
    const host = moved(first, { origin: at.origin, webauthn: { rpId: 'x.example' } });
    const again = browser(host.app, at.origin);
    await again.signIn('ann').expect(401);
    expect(told(await again.post('/2fa/webauthn/options'))).toEqual([404, 'not_found']);
    await again.post('/2fa/backup-code', { code: backupCodes[1] ?? '' }).expect(200);
    expect((await factorsOf(again))[0]?.key).toMatchObject({ usable: false, rpId: 'admin.x.example' });
  });

  it('a passkey of the old address signs nobody in', async () => {
    const old = passkeysApp({ origin: movedTo });
    const key = movedKey();
    const there = browser(old.app, movedTo);
    await there.signIn('ann').expect(200);
    const { handle } = await enrolKey(there, key);

    const host = passkeysApp({ accounts: old.options.accounts, clock: old.clock });
    const agent = browser(host.app);
    const lies = { userHandle: handle, rpId: 'localhost', client: { origin: 'http://localhost:3000' } };
    host.clock.move(1 * seconds);
    const { body } = await agent.post('/2fa/passkey/options').expect(200);
    const refused = await agent.post('/2fa/passkey', { response: key.get(body.options.challenge, lies) });
    expect(told(refused)).toEqual([401, 'wrong_code']);
    expect(await userOf(agent)).toBeNull();
  });

  it('with the last factor that works, all go and two-factor is off; nobody is locked out by a dead key', async () => {
    const ann = await ownerOf(hostApp());
    await ann.agent.get('/2fa/security/totp').expect(200);
    const setup = (await ann.agent.get('/2fa/security/totp')).body.secret;
    const code = codeAt(setup, ann.clock.now());
    const { body: app } = await ann.agent.post('/2fa/security/totp', { code }).expect(201);
    ann.clock.move(60 * seconds);

    const host = moved(ann);
    const agent = await atTheStep(host);
    await agent.post('/2fa/totp', { code: codeAt(setup, ann.clock.now()) }).expect(200);
    await agent.post(`/2fa/security/factors/${app.factor.id}/remove`).expect(200);
    expect(await accountOf(ann)).toMatchObject({ factors: [], backupCodes: null });
    expect((await agent.get('/2fa/security').expect(200)).body).toMatchObject({
      enabled: false,
      backupCodes: null,
    });
    await browser(host.app, movedTo).signIn('ann').expect(200);
  });

  it('the dead key itself may go at any time, and takes nothing with it that works', async () => {
    const ann = await ownerOf(hostApp());
    const [dead] = await keysOf(ann);
    const { secret } = await withApp(ann);
    const host = moved(ann, { keepFactors: 1 });
    const agent = await atTheStep(host);
    await agent.post('/2fa/totp', { code: codeAt(secret, ann.clock.now()) }).expect(200);
    const app = (await factorsOf(agent)).find(({ type }) => type === 'totp');
    expect(told(await agent.post(`/2fa/security/factors/${app?.id}/remove`))).toEqual([409, 'last_factor']);
    await agent.post(`/2fa/security/factors/${dead?.id}/remove`).expect(200);
    expect((await accountOf(ann))?.factors).toMatchObject([{ type: 'totp' }]);
    await agent.get('/2fa/security').expect(200);
  });

  it('a code by SMS is enough to change factors as long as no key works, and not once one does', async () => {
    const first = codesApp();
    const ann = await ownerOf(first);
    await give(first, 'otp-sms');
    const bySms = async (host: typeof first, origin: string) => {
      const agent = browser(host.app, origin);
      await agent.signIn('ann').expect(401);
      await agent.post('/2fa/otp-sms/send').expect(200);
      await agent.post('/2fa/otp-sms', { code: newest(host.sms) }).expect(200);
      return agent;
    };
    const here = await bySms(first, 'http://localhost:3000');
    expect(told(await here.post('/2fa/security/webauthn/options'))).toEqual([403, 'step_up_required']);

    const host = codesApp({ accounts: first.options.accounts, clock: first.clock, origin: movedTo });
    const there = await bySms(host, movedTo);
    expect((await addKey(there, movedKey())).status).toBe(201);
    host.clock.move(60 * seconds);
    const later = await bySms(host, movedTo);
    expect(told(await later.post('/2fa/security/webauthn/options'))).toEqual([403, 'step_up_required']);
    expect(await keysOf(ann)).toHaveLength(2);
  });

  it('a dead key that was preferred is not what the step opens with', async () => {
    const ann = await ownerOf(hostApp());
    const { secret } = await withApp(ann);
    const [dead] = await keysOf(ann);
    await ann.agent.post(`/2fa/security/factors/${dead?.id}/prefer`).expect(200);
    const agent = await atTheStep(moved(ann));
    const { body } = await agent.get('/2fa').expect(200);
    expect(body).toMatchObject({ preferred: 'totp', types: ['totp', 'backup-code'] });
    await agent.post('/2fa/totp', { code: codeAt(secret, ann.clock.now()) }).expect(200);
    const confirm = await agent.get('/2fa/confirm').expect(200);
    expect(confirm.body.types).toEqual(['totp', 'backup-code']);
  });
});

/** Gives somebody who has a key an authenticator app too. */
async function withApp(ann: Owner): Promise<{ secret: string }> {
  const { body: setup } = await ann.agent.get('/2fa/security/totp').expect(200);
  const code = codeAt(setup.secret, ann.clock.now());
  await ann.agent.post('/2fa/security/totp', { code }).expect(201);
  ann.clock.move(60 * seconds);
  return { secret: setup.secret };
}
