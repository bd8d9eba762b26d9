import { matching } from '../recovery/a-request';
import { anApp } from './an-app';

async function some() {
  const app = await anApp();
  await app.put('ann', {
    state: 'in_review',
    reference: 'RA-BCDFGHJKLM',
    evidence: matching('password', 'mail'),
    flags: ['staff', 'repeated'],
    dueAt: app.clock.now(),
  });
  await app.put('cyd', { state: 'on_hold', reference: 'RA-NPQRSTVWXZ', route: 'long', dueAt: null });
  await app.put('bob', { state: 'rejected', reference: 'RA-AAAAAAAAAA' });
  return app;
}

describe('requests', () => {
  it('lists those that somebody has to decide', async () => {
    const { code, out, err } = await (await some()).ask('requests');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.trimEnd().split('\n').toSorted()).toEqual([
      expect.stringMatching(
        /^RA-BCDFGHJKLM {2}id-ann {2}in_review {2}short {2}2 of 3 {2}due 2026-\S+Z {2}staff, repeated$/,
      ),
      expect.stringMatching(/^RA-NPQRSTVWXZ {2}id-cyd {2}on_hold {4}long {3}0 of 3 {2}-$/),
    ]);
  });

  it('says the same as JSON, one a line, and nothing sealed', async () => {
    const { out } = await (await some()).ask('requests --json --state in_review');
    expect(JSON.parse(out)).toEqual({
      reference: 'RA-BCDFGHJKLM',
      user: 'id-ann',
      state: 'in_review',
      route: 'short',
      evidence: { sum: 2, needed: 3, kinds: ['password', 'mail'], missing: ['points'] },
      flags: ['staff', 'repeated'],
      startedAt: expect.stringMatching(/Z$/),
      dueAt: expect.stringMatching(/^2026-/),
    });
    expect(out).not.toContain('sealed');
  });

  it('lists those in one state, if it is over as well', async () => {
    const app = await some();
    expect((await app.ask('requests --state rejected')).out).toMatch(/^RA-AAAAAAAAAA {2}id-bob/);
    expect((await app.ask('requests --state ready')).out).toBe('No requests.\n');
  });

  it('leaves out what counts where nothing says what evidence is worth', async () => {
    const { out } = await (await some()).ask('requests --state in_review', { without: 'lostAccess' });
    expect(out).toMatch(/^RA-BCDFGHJKLM {2}id-ann {2}in_review {2}short {2}- {2}due /);
  });

  it.each([
    ['requests --state in_reviw', '--state in_reviw is no state of a request. Did you mean in_review? '],
    ['requests id-ann', 'requests takes no user. Give: express-second-factor requests [--state <state>]'],
  ])('called as "%s" says what is wrong, with exit code 2', async (line, message) => {
    const { code, err } = await (await anApp()).ask(line);
    expect({ code, begins: err.slice(0, message.length) }).toEqual({ code: 2, begins: message });
  });
});
