import { anApp, by } from './an-app';
import { cli } from './cli';

const linesOf = (out: string): string[] => out.trimEnd().split('\n');

describe('reset', () => {
  it('begins a request, tells its owner before it ends, and takes nothing away', async () => {
    const app = await anApp();
    const before = await app.accountOf('ann');
    const { code, out, err } = await app.ask(`reset id-ann ${by}`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      /^RA-[A-Z]{10} has begun: awaiting_evidence\. Somebody else than --actor decides it\.\n$/,
    );
    const { factors, backupCodes, recoveries = [], outbox = [] } = await app.accountOf('ann');
    expect({ factors, backupCodes }).toEqual({ factors: before.factors, backupCodes: before.backupCodes });
    expect(recoveries).toMatchObject([{ state: 'awaiting_evidence', begunBy: 'id-eve' }]);
    expect(outbox).toEqual([]);
    const told = app.mails.sent.map(({ to, text }) => `${to} ${text}`);
    expect(told).toContainEqual(expect.stringMatching(/^ann@example\.com .*\/2fa\/lost\/cancel\//s));
    expect(told).toContainEqual(expect.stringMatching(/^ann@example\.com .*\/2fa\/lost\/requests\//s));
    expect(await app.auditOf('ann')).toMatchObject([
      { actor: { id: 'id-eve' }, action: 'user.reset', reason: 'Called from the number on file.' },
    ]);
  });

  it('answers as JSON too', async () => {
    const app = await anApp();
    const [begun = '', told = '', ...rest] = linesOf((await app.ask(`reset id-ann ${by} --json`)).out);
    expect(JSON.parse(begun)).toEqual({
      user: 'id-ann',
      reference: expect.stringMatching(/^RA-/),
      state: 'awaiting_evidence',
    });
    expect(JSON.parse(told)).toEqual({ noticesWaiting: 0 });
    expect(rest).toEqual([]);
  });

  it('says how many notices could not leave', async () => {
    const app = await anApp();
    app.mails.isDown = true;
    const { code, out } = await app.ask(`reset id-ann ${by}`);
    expect(code).toBe(0);
    expect(linesOf(out)[1]).toMatch(
      /^\d notices? could not be sent yet: tick\(\) of your app tries again\.$/,
    );
  });

  describe('that can’t be', () => {
    let app: Awaited<ReturnType<typeof anApp>>;
    beforeAll(async () => {
      app = await anApp();
    });

    it.each<[string, string, string]>([
      ['id-bob', '', 'This user has no second factor. There is nothing to reset.'],
      ['id-zoe', '', 'There is no such user. Give an id that users.byId'],
      ['id-ann', 'never', 'The owner has ruled out requests for access. Only the owner'],
      ['id-ann', 'paused', 'The owner has paused requests for access. Try again after 2026-'],
      ['id-ann', 'in_review', 'There is a request already, in_review. It goes on where requests are decided'],
    ])('of %s (%s) is refused in words, with exit code 1', async (user, because, message) => {
      if (because === 'in_review') await app.put('ann', { state: 'in_review' });
      const rules = { never: because === 'never', wait: 0, needs: [] };
      if (because === 'never') await app.change('ann', (account) => ({ ...account, ownerRules: rules }));
      if (because === 'paused')
        await app.change('ann', (account) => ({
          ...account,
          ownerRules: { ...rules, pausedUntil: app.clock.now() + 86_400_000 },
        }));
      const { code, out, err } = await app.ask(`reset ${user} ${by}`);
      expect({ code, out, begins: err.slice(0, message.length) }).toEqual({
        code: 1,
        out: '',
        begins: message,
      });
    });
  });

  it('names the mail address that is missing', async () => {
    const users = { id: ({ id }: { id: string }) => id, name: () => 'x', byId: (id: string) => ({ id }) };
    const bare = await anApp({ users: { ...users, find: () => ({ users: [], next: null }) } });
    expect((await bare.ask(`reset id-ann ${by}`)).err).toMatch(/^No mail address of this user is on file\. /);
  });
});

describe('reset, called wrongly,', () => {
  let app: Awaited<ReturnType<typeof anApp>>;
  beforeAll(async () => {
    app = await anApp();
  });

  it.each<[string, string]>([
    [`reset ${by}`, 'No user was named. Give the id of a user, or --file'],
    [`reset id-ann --file users.txt ${by}`, 'Both a user and --file were given. '],
    [
      'reset id-ann --reason "Called from the number on file."',
      '--actor is missing. Give the id of the user',
    ],
    ['reset id-ann --actor id-eve', '--reason is missing. Say in 10 to 1,000 characters'],
    ['reset id-ann --actor id-eve --reason short', '--reason is too short or too long. Say in 10'],
    [`reset id-ann ${by} --actor id-ann`, '--actor is the user whom this is done to. '],
    [`reset id-ann ${by} --actor id-zoe`, '--actor names no user. '],
    [`reset id-ann ${by} --actor \u001B[2J`, '--actor names no user. '],
    [`reset --file gone.txt ${by}`, 'gone.txt can’t be read. Check its path'],
    [`reset --file users.txt ${by}`, 'users.txt names no user. Give a file with'],
  ])('%s says what to give, with exit code 2', async (line, message) => {
    const { code, out, err } = await app.ask(line, { file: '\n \n' });
    expect({ code, out, begins: err.slice(0, message.length) }).toEqual({
      code: 2,
      out: '',
      begins: message,
    });
    expect(err).not.toMatch(/[^\P{C}\n]|^\s+at /mu);
    expect((await app.accountOf('ann')).recoveries).toBeUndefined();
  });

  it('needs all options, for its notices go out at once', async () => {
    for (const [without, message] of [
      ['passport', 'passport is undefined. '],
      ['users', 'users is undefined. '],
      ['lostAccess', 'lostAccess.requests is off in the config module'],
    ] as const) {
      const { code, err } = await app.ask(`reset id-ann ${by}`, { without });
      expect({ code, begins: err.slice(0, message.length) }).toEqual({ code: 2, begins: message });
    }
    const off = await anApp({ email: undefined, lostAccess: undefined });
    expect((await off.ask(`reset id-ann ${by}`)).code).toBe(2);
  });

  it('says so as well where there is no config module', async () => {
    const { code, err } = await cli(`reset id-ann ${by}`, {});
    expect(code).toBe(2);
    expect(err).toMatch(/^--config is missing: /);
  });
});

describe('reset --file', () => {
  const file = '\uFEFFid-ann\r\n\r\nid-bob\nid-cyd\nid-ann\nid-eve\n';

  it('answers each user for itself, and sums up', async () => {
    const app = await anApp();
    const { code, out, err } = await app.ask(`reset --file users.txt ${by}`, { file });
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(linesOf(out)).toEqual([
      expect.stringMatching(/^id-ann {2}RA-[A-Z]{10} {2}awaiting_evidence$/),
      'id-bob  refused  This user has no second factor. There is nothing to reset.',
      expect.stringMatching(/^id-cyd {2}RA-/),
      'id-eve  refused  Nobody does this to their own account. Have somebody else answer for it.',
      '4 users: 2 begun, 2 refused.',
    ]);
    for (const to of ['ann@example.com', 'cyd@example.com'])
      expect(app.mails.sent.filter((one) => one.to === to)).not.toEqual([]);
  });

  it('is done with exit code 0, and says the same as JSON', async () => {
    const app = await anApp();
    const given = { file: 'id-ann\nid-cyd' };
    const { code, out } = await app.ask(`reset --file users.txt ${by} --json`, given);
    expect(code).toBe(0);
    expect(linesOf(out).map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ user: 'id-ann', state: 'awaiting_evidence' }),
      expect.objectContaining({ user: 'id-cyd' }),
      { users: 2, begun: 2, refused: 0, left: 0 },
      { noticesWaiting: 0 },
    ]);
    const again = linesOf((await app.ask(`reset --file users.txt ${by} --json`, given)).out);
    expect(JSON.parse(again[0] ?? '')).toMatchObject({ user: 'id-ann', error: { code: 'conflict' } });
  });

  it('shows a bar where somebody looks, and leaves nothing of it', async () => {
    const app = await anApp();
    const { err } = await app.ask(`reset --file users.txt ${by}`, { file, isTTY: true });
    expect(err).toContain('[------------------------------]  0 of 4');
    expect(err.endsWith('\r\u001B[K')).toBe(true);
  });

  it('ends where the stores fail, and says what was not tried', async () => {
    const app = await anApp();
    app.failAt('id-cyd');
    const { code, out, err } = await app.ask(`reset --file users.txt ${by}`, { file });
    expect(code).toBe(1);
    expect(linesOf(out).at(-1)).toBe('4 users: 1 begun, 1 refused, 2 not tried.');
    expect(err).not.toContain('hunter2');
    expect((await app.accountOf('ann')).recoveries).toHaveLength(1);
  });

  it('does nothing where a line is no id', async () => {
    const app = await anApp();
    const { code, err } = await app.ask(`reset --file users.txt ${by}`, {
      file: `id-ann\n${'x'.repeat(600)}`,
    });
    expect(code).toBe(2);
    expect(err).toMatch(/^Line 2 of users\.txt gave no usable id\. /);
    expect((await app.accountOf('ann')).recoveries).toBeUndefined();
  });
});
