import { appErrors, host } from '../hosts/host';
import { browser, codeAt } from '../support/browser-agent';
import { hostApp } from '../support/host-app';
import { bigOf, bytesAs, numberOf, objectIdOf, textOf, uuidOf, type Person } from '../support/id-shapes';
import { userOf } from './people';

const everybody: readonly Person[] = [
  objectIdOf('5f9d88b9c2a4e3001c9f1a01'),
  uuidOf('36c3548a-1650-4e29-993e-0ae32a018fae'),
  bytesAs('c0ffee'),
  numberOf(4711),
  bigOf(12_345_678_901_234_567_890n - 2n ** 63n),
  textOf('ann@example.com'),
];
const table = everybody.flatMap(({ kind, text, shapes }) =>
  shapes.map(({ name, value }) => ({ title: `${kind}: ${name}`, value, text })),
);

const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

const ann = { id: 'id-ann', name: 'ann@example.com' };

describe('One person is one user', () => {
  it.each(
    table.flatMap(({ title, value, text }) => [
      { title: `${title}, for a login, and text elsewhere`, login: value, elsewhere: text },
      { title: `${title}, and text for a login`, login: text, elsewhere: value },
    ]),
  )('login, read, import and revoke mean the same account: $title', async ({ login, elsewhere }) => {
    const { app, clock, twoFactor } = hostApp({
      users: { id: (user) => (user.id === 'id-ann' ? login : user.id), name: (user) => user.name },
    });
    const imported = { type: 'totp', secret, label: 'Phone' } as const;
    expect(await twoFactor.importFactor(elsewhere, imported)).toMatchObject({ ok: true });
    expect(await twoFactor.importFactor(login, imported)).toMatchObject({ code: 'duplicate' });
    expect(await twoFactor.isOwedBy(ann)).toBe(true);

    const agent = browser(app);
    await agent.signIn('ann').expect(401);
    await agent.post('/2fa/totp', { code: codeAt(secret, clock.now()) }).expect(200);
    expect(await userOf(agent)).toBe('id-ann');
    for (const id of [login, elsewhere])
      expect(await twoFactor.statusOf(id)).toMatchObject({ enabled: true, types: ['totp'] });

    await twoFactor.signOutEverywhere(elsewhere);
    expect(await userOf(agent)).toBeNull();
    await twoFactor.forget(elsewhere);
    expect(await twoFactor.isOwedBy(ann)).toBe(false);
  });
});

describe('A user id', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['empty', ''],
    ['a plain object', { id: 1 }],
    ['a list', ['id']],
    ['no number', Number.NaN],
    ['true', true],
    ['too long', 'x'.repeat(513)],
    ['an object that says nothing of itself', { toString: () => '[object Object]' }],
  ])('that is %s lets nobody in, and says what is wrong', async (_, id) => {
    let isBroken = false;
    const built = await host({
      options: { users: { id: (user) => (isBroken ? id : user.id), name: (user) => user.name } },
      routes: ({ app, passport }) => {
        app.post('/login', passport.authenticate('local'), (req, res) => {
          res.json({ user: req.user });
        });
        app.use(appErrors);
      },
    });
    isBroken = true;
    const visitor = built.visitor();
    const refused = await visitor.signIn('bob').expect(500);
    expect(refused.body).toEqual({ appError: 'bad_option', help: expect.stringContaining('text') });
    isBroken = false;
    expect(await userOf(visitor)).toBeNull();
  });
});
