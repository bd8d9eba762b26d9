import type { Account, UserId } from '../../lib/account/account';
import type { Accounts } from '../../lib';
import { browser, codeAt, errorCode, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';
import { atOnce, count, jumbledAccounts, listen, submit, withAnn, type Cast } from './cast';

const use = (agent: BrowserAgent, code: string | undefined) => agent.post('/2fa/backup-code', { code });

const account = async (cast: Cast): Promise<Account> => {
  const found = await cast.options.accounts.load('id-ann' as UserId);
  if (!found) throw new Error('ann has an account');
  return found;
};

/** The input with this id, as the page has it. */
const inputOf = (html: string, id: string): string =>
  new RegExp(`<input[^>]*id="${id}"[^>]*>`, 's').exec(html)?.[0] ?? '';

describe('A backup code counts once', () => {
  it('CVE-2025-67507, GHSA-pvcv-q3q7-266g: a code that signed in is consumed, and the account says so', async () => {
    const cast = await withAnn();
    const [code] = cast.backupCodes;
    const heard = listen(cast.twoFactor);
    const passed = await use(await halfLogin(cast), code).expect(200);
    expect(passed.body).toMatchObject({ status: 'passed', backupCodesLeft: 9 });
    expect(errorCode(await use(await halfLogin(cast), code).expect(401))).toBe('code_used');
    expect((await cast.ann.get('/2fa/security')).body.backupCodes).toMatchObject({ left: 9, total: 10 });
    expect(heard.filter(({ name }) => name === 'backup-code.used')).toEqual([
      expect.objectContaining({ left: 9, userId: 'id-ann' }),
    ]);
  });

  it('CVE-2026-31875, GHSA-4hf6-3x24-c9m8: a used code is not accepted for a step-up, in the core, or in another spelling', async () => {
    const cast = await withAnn();
    const code = cast.backupCodes[0] ?? '';
    await use(await halfLogin(cast), code).expect(200);
    expect(errorCode(await use(cast.ann, code).expect(401))).toBe('code_used');
    expect(await cast.twoFactor.verify('id-ann', 'backup-code', { code })).toMatchObject({
      code: 'code_used',
    });
    const other = await halfLogin(cast);
    const plain = code.replace(/-/g, '');
    const spellings = [
      code.toLowerCase(),
      plain,
      plain.replace(/0/g, 'O').replace(/1/g, 'l'),
      plain.toLowerCase().replace(/0/g, 'o').replace(/1/g, 'I'),
      plain.split('').join(' '),
      `1. ${code}`,
      ` ${code}\r\n`,
      `\u202a${code}\u202c\u200b`,
      plain.replace(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
      code.replace(/-/g, '\u2013'),
    ];
    for (const spelling of spellings) {
      expect([spelling, errorCode(await use(other, spelling).expect(401))]).toEqual([spelling, 'code_used']);
    }
    // None of which cost a try: a code that is not used yet still works here.
    await use(other, cast.backupCodes[1]).expect(200);
  });

  it('CVE-2026-48505, GHSA-mc5j-f6wx-h9qh: of 50 uses at once, each in a half login of its own, one signs in', async () => {
    const cast = await withAnn({ accounts: jumbledAccounts(), deadline: '60s' });
    const agents: BrowserAgent[] = [];
    for (let nth = 0; nth < 50; nth += 1) agents.push(await halfLogin(cast));
    const answers = await Promise.all(agents.map((agent) => use(agent, cast.backupCodes[0])));
    expect(count(answers, ({ status }) => status === 200)).toBe(1);
    expect(new Set(answers.map(errorCode))).toEqual(new Set([undefined, 'code_used']));
    expect((await account(cast)).backupCodes?.codes.filter(({ usedAt }) => usedAt !== null)).toHaveLength(1);
  });

  it('Rodauth master: two uses that are interleaved at every store call spend it once', async () => {
    const cast = await withAnn();
    const { accounts } = cast.options;
    // Both load the same state before either saves.
    let waiting: (() => void)[] = [];
    const together: Accounts = {
      findByHandle: (handle) => accounts.findByHandle(handle),
      remove: (userId) => accounts.remove(userId),
      all: () => accounts.all(),
      load: async (userId) => {
        const found = await accounts.load(userId);
        if (waiting.length < 2) {
          await new Promise<void>((go) => {
            waiting = [...waiting, go];
            if (waiting.length === 2) for (const start of waiting) start();
          });
        }
        return found;
      },
      save: (changed, over) => accounts.save(changed, over),
    };
    const { twoFactor } = hostApp({ accounts: together, clock: cast.clock });
    const [code] = cast.backupCodes;
    const outcomes = await atOnce(2, () => twoFactor.verify('id-ann', 'backup-code', { code }));
    expect(count(outcomes, ({ ok }) => ok)).toBe(1);
  });

  it('NIST 3.1.2.1: codes are made only by a login that has proven its second factor in the last minutes', async () => {
    const cast = await withAnn();
    const half = await halfLogin(cast);
    expect(errorCode(await half.post('/2fa/security/backup-codes').expect(401))).toBe(
      'second_factor_required',
    );
    const stranger = browser(cast.app);
    expect(errorCode(await stranger.post('/2fa/security/backup-codes').expect(401))).toBe('sign_in_required');
    cast.clock.move(5 * minutes);
    expect(errorCode(await cast.ann.post('/2fa/security/backup-codes').expect(403))).toBe('step_up_required');
    await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
    await cast.ann.post('/2fa/security/backup-codes').expect(201);
    // And of one without a factor there are none to make.
    const bob = browser(cast.app);
    await bob.signIn('bob').expect(200);
    expect(errorCode(await bob.post('/2fa/security/backup-codes').expect(409))).toBe('conflict');
  });

  it('NIST 3.1.2: ten codes of 80 random bits, all different, none with a letter that is taken for a digit', async () => {
    const all = new Set<string>();
    for (let set = 0; set < 5; set += 1) {
      const { backupCodes } = await withAnn();
      expect(backupCodes).toHaveLength(10);
      for (const code of backupCodes) {
        expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
        all.add(code);
      }
    }
    expect(all.size).toBe(50);
  });

  it('ASVS 6.5.2, check 32: two accounts never store anything alike, and what is stored names no code', async () => {
    const cast = await withAnn();
    const digests = (await account(cast)).backupCodes?.codes.map(({ digest }) => digest) ?? [];
    expect(new Set(digests).size).toBe(10);
    const before = JSON.stringify(await account(cast));
    for (const code of cast.backupCodes) {
      expect(before).not.toContain(code);
      expect(before).not.toContain(code.replace(/-/g, ''));
    }
  });

  it('NIST 4.2.1.1: a new set takes the place of the old one whole, when it is acknowledged and not before', async () => {
    const cast = await withAnn();
    const [old0, old1] = cast.backupCodes;
    const { body } = await cast.ann.post('/2fa/security/backup-codes').expect(201);
    const fresh: string[] = body.backupCodes;
    expect(errorCode(await use(await halfLogin(cast), fresh[0]).expect(401))).toBe('wrong_code');
    await use(await halfLogin(cast), old0).expect(200);
    await cast.ann.post('/2fa/security/backup-codes/acknowledge', { code: fresh[9] }).expect(200);
    expect(errorCode(await use(await halfLogin(cast), old1).expect(401))).toBe('wrong_code');
    // The one that was typed to acknowledge is not used up.
    await use(await halfLogin(cast), fresh[9]).expect(200);
    expect((await cast.ann.get('/2fa/security')).status).toBe(200);
  });

  it('NIST 4.2.1.1: an old code used while the new set is acknowledged signs in, or is refused, never both sets count', async () => {
    for (let round = 0; round < 10; round += 1) {
      const cast = await withAnn({ accounts: jumbledAccounts(), deadline: '60s' });
      const { body } = await cast.ann.post('/2fa/security/backup-codes').expect(201);
      const other = await halfLogin(cast);
      const [used, made] = await Promise.all([
        use(other, cast.backupCodes[0]),
        cast.ann.post('/2fa/security/backup-codes/acknowledge', { code: body.backupCodes[0] }),
      ]);
      expect([200, 401]).toContain(used.status);
      expect(made.status).toBe(200);
      expect((await account(cast)).backupCodes?.codes.every(({ usedAt }) => usedAt === null)).toBe(true);
      // The new set moved the epoch: whoever came in by the old one is out again.
      expect((await other.agent.get('/me').set('Accept', '*/*')).body.user).toBeNull();
    }
  });

  it('ASVS 14.3.2, check 32: codes are shown until they are acknowledged, never again, and appear in no URL', async () => {
    const cast = await withAnn();
    const { body } = await cast.ann.post('/2fa/security/backup-codes').expect(201);
    const fresh: string[] = body.backupCodes;
    const again = await cast.ann.get('/2fa/security/backup-codes').expect(200);
    expect(again.body.pending).toEqual(fresh);
    expect(again.headers['cache-control']).toBe('no-store');
    // Another login of hers does not see them.
    const other = await halfLogin(cast);
    await other.post('/2fa/totp', { code: cast.code() }).expect(200);
    expect((await other.get('/2fa/security/backup-codes')).body.pending).toBeNull();
    await cast.ann.post('/2fa/security/backup-codes/acknowledge', { code: fresh[2] }).expect(200);
    for (const path of ['/2fa/security/backup-codes', '/2fa/security']) {
      const { text } = await cast.ann.get(path).expect(200);
      const { text: html } = await cast.ann.page(path).expect(200);
      for (const code of fresh) expect(text + html).not.toContain(code);
    }
    expect(errorCode(await cast.ann.post('/2fa/security/backup-codes/download').expect(409))).toBe(
      'conflict',
    );
  });

  it.each(['keycloak/keycloak #51100', 'artsy/force PR #14837', 'mozilla/fxa PR #17969'])(
    '%s: wherever a backup code is typed, the field takes text of any length, without capitals or autofill',
    async () => {
      const cast = await withAnn();
      const { body } = await cast.ann.post('/2fa/security/backup-codes').expect(201);
      const half = await halfLogin(cast);
      const pages = [
        await half.page('/2fa/backup-code').expect(200),
        await cast.ann.page('/2fa/backup-code').expect(200),
        await cast.ann.page('/2fa/security/backup-codes').expect(200),
      ];
      for (const { text } of pages) {
        const input = inputOf(text, 'code');
        expect(input).toContain('type="text"');
        expect(input).toContain('autocapitalize="off"');
        expect(input).toContain('autocomplete="off"');
        expect(input).not.toMatch(/inputmode|pattern|maxlength|size=/);
      }
      // The longest way to write one down fits, and works.
      const longest = `10.  ${(body.backupCodes[9] as string).split('').join(' ')} `;
      await cast.ann.post('/2fa/security/backup-codes/acknowledge', { code: longest }).expect(200);
    },
  );

  it.each(['mozilla/fxa-content-server #6289', 'LanternOps/breeze #4471', 'bitwarden/web #759'])(
    '%s: the file has CRLF lines, a byte order mark, and the Czech of its page',
    async () => {
      const cast = await withAnn({ locale: () => 'cs' });
      const { body } = await cast.ann.post('/2fa/security/backup-codes').expect(201);
      const file = await cast.ann.agent
        .post('/2fa/security/backup-codes/download')
        .type('form')
        .set({ Accept: 'text/html', Origin: 'http://localhost:3000' })
        .send({
          form_token:
            /name="form_token" value="([^"]+)"/.exec(
              (await cast.ann.page('/2fa/security/backup-codes')).text,
            )?.[1] ?? '',
        })
        .buffer(true)
        .parse((res, done) => {
          const chunks: Buffer[] = [];
          res.on('data', (chunk: Buffer) => chunks.push(chunk));
          res.on('end', () => done(null, Buffer.concat(chunks)));
        })
        .expect(200);
      const bytes: Buffer = file.body;
      const text = bytes.toString('utf8');
      expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
      expect(text.replace(/\r\n/g, '')).not.toMatch(/[\r\n]/);
      const lines = text.slice(1).split('\r\n');
      for (const code of body.backupCodes as string[]) expect(lines).toContain(code);
      expect(lines[0]).toContain('Záložní kódy');
      expect(file.headers['content-type']).toBe('text/plain; charset=utf-8');
      expect(file.headers['content-disposition']).toMatch(/^attachment; filename="?[\w-]+\.txt"?$/);
    },
  );

  it('Neos-Metaverse/NeosPublic #2528: no punctuation touches a code that we print', async () => {
    const cast = await withAnn();
    const { body } = await cast.ann.post('/2fa/security/backup-codes').expect(201);
    const page = await cast.ann.page('/2fa/security/backup-codes').expect(200);
    const file = await submit(cast.ann, '/2fa/security/backup-codes', '/2fa/security/backup-codes/download');
    for (const code of body.backupCodes as string[]) {
      expect(page.text).toContain(`<li>${code}</li>`);
      expect(file.text).toContain(`\r\n${code}\r\n`);
    }
  });

  it('WSTG-ATHN-11, check 36: a used code leaves fewer, which pages and JSON say; the last but three with a warning', async () => {
    const cast = await withAnn();
    for (let nth = 0; nth < 10; nth += 1) {
      const answer = await use(cast.ann, cast.backupCodes[nth]).expect(200);
      expect(answer.body.backupCodesLeft).toBe(9 - nth);
      const { text } = await cast.ann.page('/2fa/security').expect(200);
      expect(text.includes('class="warn-text"')).toBe(9 - nth <= 3);
    }
    const last = await halfLogin(cast);
    expect((await last.get('/2fa')).body.types).toEqual(['totp']);
    cast.clock.move(30 * seconds);
    await last.post('/2fa/totp', { code: codeAt(cast.secret, cast.clock.now()) }).expect(200);
  });
});
