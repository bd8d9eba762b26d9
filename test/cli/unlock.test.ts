import { anApp, by } from './an-app';

describe('unlock', () => {
  it('gives back all tries, tells the owner, and records who did it and why', async () => {
    const app = await anApp();
    await app.change('ann', (account) => {
      const spent = { ...account.lanes.others, left: 0 };
      return { ...account, lanes: { known: spent, others: spent } };
    });
    const { code, out, err } = await app.ask(`unlock id-ann ${by}`);
    expect({ code, out, err }).toEqual({ code: 0, out: 'Unlocked.\n', err: '' });
    const { lanes } = await app.accountOf('ann');
    expect(lanes.others.left).toBeGreaterThan(0);
    expect(app.mails.sent.map(({ to }) => to)).toEqual(['ann@example.com']);
    expect(await app.auditOf('ann')).toMatchObject([
      { actor: { id: 'id-eve' }, action: 'user.unlock', reason: 'Called from the number on file.' },
    ]);
  });

  it('answers as JSON too, and refuses what is nobody’s', async () => {
    const app = await anApp();
    expect((await app.ask(`unlock id-ann ${by} --json`)).out).toBe(
      '{"user":"id-ann","unlocked":true}\n{"noticesWaiting":0}\n',
    );
    const { code, err } = await app.ask(`unlock id-zoe ${by} --json`);
    expect(code).toBe(1);
    expect(JSON.parse(err)).toMatchObject({
      error: { code: 'not_found', message: 'There is no such user.' },
    });
  });

  it('is nothing that one does to oneself, or for nobody', async () => {
    const app = await anApp();
    expect(await app.ask(`unlock id-eve ${by}`)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^--actor is the user/),
    });
    expect(await app.ask(`unlock ${by}`)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^No user was named\. /),
    });
  });
});
