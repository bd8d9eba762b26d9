import { compose } from '../../lib/compose';
import { kinds } from '../../lib/kinds/table';
import { browser, errorCode } from '../support/browser-agent';
import { hostApp, testKey } from '../support/host-app';
import { memoryAccounts } from '../../lib';
import { pin } from './pin';

jest.mock('../../views/locales/en.json', () => ({
  ...jest.requireActual<object>('../../views/locales/en.json'),
  'type.pin': 'PIN',
  'type.pin.hint': 'Six digits that you chose',
  'step.pin.label': 'Enter your PIN',
}));

const { 'backup-code': last, ...others } = kinds;
const table = { ...others, pin, 'backup-code': last };

/** Ann, who signed in and chose a PIN as her first factor. */
async function withPin() {
  const accounts = memoryAccounts();
  const made = hostApp({ accounts, make: (options) => compose(options, table) }, (app, twoFactor) => {
    app.get('/vault', twoFactor.requireProof({ types: ['pin' as 'totp'] }), (_req, res) =>
      res.json({ vault: true }),
    );
  });
  const ann = browser(made.app);
  await ann.signIn('ann').expect(200);
  const { body } = await ann.post('/2fa/security/pin', { code: '271828' }).expect(201);
  await ann.post('/2fa/security/backup-codes/acknowledge', { code: body.backupCodes[0] }).expect(200);
  const again = browser(made.app);
  await again.signIn('ann').expect(401);
  return { ...made, accounts, ann, again };
}

describe('A sixth kind of proof, by its own file and one line in the table', () => {
  it('switches two-factor on, and is owed from then on', async () => {
    const { again, twoFactor } = await withPin();
    expect((await twoFactor.statusOf('id-ann')).types).toEqual(['pin']);
    const { body } = await again.get('/2fa').expect(200);
    expect(body).toMatchObject({ status: 'owed', preferred: 'pin', types: ['pin', 'backup-code'] });
  });

  it('has a page in its own words, and is among the ways to choose from', async () => {
    const { again } = await withPin();
    expect((await again.page('/2fa/pin').expect(200)).text).toContain('Enter your PIN');
    expect((await again.page('/2fa/choose').expect(200)).text).toContain('href="/2fa/pin"');
  });

  it('is judged, counted and told in the login like any other', async () => {
    const { again } = await withPin();
    expect(errorCode(await again.post('/2fa/pin', { code: '31415x' }).expect(400))).toBe('malformed');
    expect((await again.post('/2fa/pin', { code: '314159' }).expect(401)).body.error.triesLeft).toBe(4);
    await again.post('/2fa/pin', { code: '271828' }).expect(200);
    const { body } = await again.get('/me').expect(200);
    expect(body.twoFactor).toMatchObject({
      status: 'passed',
      proofs: [{ type: 'pin' }],
      amr: ['pin', 'mfa'],
    });
    await again.get('/vault').expect(200);
  });

  it('is protected by the lanes, since it can be guessed', async () => {
    const { app } = await withPin();
    const answers: (string | undefined)[] = [];
    for (let login = 0; login < 3; login++) {
      const thief = browser(app);
      await thief.signIn('ann');
      for (let guess = 0; guess < 5; guess++)
        answers.push(errorCode(await thief.post('/2fa/pin', { code: `00000${guess}` })));
    }
    expect(answers.filter((code) => code === 'wrong_code')).toHaveLength(10);
    expect(answers.slice(10)).toContain('locked');
  });

  it('is listed, full at one, and can be removed', async () => {
    const { ann, twoFactor } = await withPin();
    const { text } = await ann.page('/2fa/security').expect(200);
    expect(text).toContain('Six digits that you chose');
    const { body } = await ann.get('/2fa/security').expect(200);
    const pins = expect.objectContaining({ type: 'pin', available: true }) as unknown;
    expect(body).toMatchObject({ types: expect.arrayContaining([pins]) as unknown });
    const [only] = (await twoFactor.statusOf('id-ann')).factors;
    expect(only?.label).toBe('PIN');
    await ann.post(`/2fa/security/factors/${only?.id}/remove`).expect(200);
    expect((await ann.get('/2fa/security').expect(200)).body.enabled).toBe(false);
  });

  it('is sealed anew when keys are replaced', async () => {
    const { accounts } = await withPin();
    const after = hostApp({
      accounts,
      keys: ['22'.repeat(32), testKey],
      make: (options) => compose(options, table),
    });
    const [before] = (await after.twoFactor.keys.usage()).slice(1);
    expect(before?.accounts).toBe(1);
    expect(await after.twoFactor.keys.reseal()).toBe(1);
    expect((await after.twoFactor.keys.usage()).map((one) => one.accounts)).toEqual([1, 0]);
    const ann = browser(after.app);
    await ann.signIn('ann').expect(401);
    await ann.post('/2fa/pin', { code: '271828' }).expect(200);
  });
});
