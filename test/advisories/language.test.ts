import { errorCode, halfLogin } from '../support/browser-agent';
import { factorIds, submit, withAnn } from './cast';

/** An app in a language that is written from right to left; what is missing falls back to English. */
const rightToLeft = () =>
  withAnn({
    locale: () => 'ar',
    locales: {
      ar: { 'step.title': 'تأكيد هويتك', 'codes.title': 'رموز احتياطية', 'security.title': 'الأمان' },
    },
  });

describe('Language and browsers', () => {
  it('RFC 9110 §12.5.4: nonsense in Accept-Language means the default, never an error', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    for (const header of [
      'x',
      '*',
      '',
      ';;;',
      'en;q=2',
      'cs;q=banana',
      ','.repeat(900),
      'cs,'.repeat(500),
      'ř',
      'a'.repeat(4000),
      '../../etc/passwd',
      '__proto__',
      'constructor',
      'zz-ZZ',
      'cs;q=0',
      'en-US-x-a-very-long-private-tag',
    ]) {
      const page = await other.page('/2fa').set('Accept-Language', Buffer.from(header).toString('latin1'));
      expect([header, page.status]).toEqual([header, 200]);
      expect(page.text).toContain('lang="en"');
    }
    const czech = await other.page('/2fa').set('Accept-Language', 'de, cs;q=0.8, en;q=0.5').expect(200);
    expect(czech.text).toContain('lang="cs"');
  });

  it('RFC 9110 §12.5.4: errors are worded in the language of the request, with the same code', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    const say = async (language: string): Promise<{ code: string; message: string }> => {
      const { body }: { body: { error: { code: string; message: string } } } = await other
        .post('/2fa/totp', { code: cast.wrong() })
        .set('Accept-Language', language);
      return body.error;
    };
    const [english, czech] = [await say('en'), await say('cs')];
    expect([english.code, czech.code]).toEqual(['wrong_code', 'wrong_code']);
    expect(czech.message).not.toBe(english.message);
    expect(czech.message).toMatch(/[ěščřžýáíé]/);
  });

  it.each(['glpi-project/glpi #23232', 'haumacher/phoneblock #162'])(
    '%s: on a page written from right to left, codes, keys and their fields run from left to right',
    async () => {
      const cast = await rightToLeft();
      const other = await halfLogin(cast);
      const step = await other.page('/2fa').expect(200);
      expect(step.text).toMatch(/<html lang="ar" dir="rtl">/);
      expect(step.text).toMatch(/<input[^>]*id="code"[^>]*dir="ltr"/s);
      expect((await other.page('/2fa/backup-code')).text).toMatch(/<input[^>]*id="code"[^>]*dir="ltr"/s);
      const enrol = await cast.ann.page('/2fa/security/totp').expect(200);
      expect(enrol.text).toMatch(/<p class="key" id="key" dir="ltr"/);
      await cast.ann.post('/2fa/security/backup-codes').expect(201);
      const codes = await cast.ann.page('/2fa/security/backup-codes').expect(200);
      expect(codes.text).toMatch(/<ul class="codes" id="codes" dir="ltr"/);
    },
  );

  it('mozilla/fxa-auth-server PR #1982: whatever the browser calls itself, or nothing, all works and nothing shows', async () => {
    const cast = await withAnn();
    const names = ['', 'x'.repeat(8000), '<b>bold</b>', 'Mozilla/5.0 \ud83d\ude00', 'null null', "'; --"];
    for (const name of names) {
      const header = Buffer.from(name).toString('latin1');
      const page = await cast.ann.page('/2fa/security').set('User-Agent', header);
      expect([page.status, page.text.includes('<b>bold'), page.text.includes('null')]).toEqual([
        200,
        false,
        false,
      ]);
    }
  });

  it('adocasts/adocasts #86: an update of the browser does not make it a stranger', async () => {
    const cast = await withAnn();
    for (let login = 0; login < 2; login += 1) {
      const stranger = await halfLogin(cast);
      for (let nth = 0; nth < 5; nth += 1) await stranger.post('/2fa/totp', { code: cast.wrong() });
    }
    await cast.ann.signOut();
    cast.ann.agent.set('User-Agent', 'Mozilla/5.0 (X11; Linux) Firefox/999.0');
    await cast.ann.signIn('ann').expect(401);
    await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
  });

  it('ASVS 16.4.1: line breaks and control characters in a name go nowhere: not into pages, files or headers', async () => {
    const cast = await withAnn({ appName: 'Test App' });
    const name = 'ann\r\nSet-Cookie: a=b\u001b[31m "quoted" ; é';
    cast.users.set('ann', { id: 'id-ann', name });
    const [id = ''] = await factorIds(cast.ann);
    const label = 'Phone\r\nX: y\u001b[0m\u0000';
    const { body } = await cast.ann.post(`/2fa/security/factors/${id}/rename`, { label }).expect(200);
    expect(body.factor.label).toBe('Phone X: y[0m');
    await cast.ann.post('/2fa/security/backup-codes').expect(201);
    const file = await submit(cast.ann, '/2fa/security/backup-codes', '/2fa/security/backup-codes/download');
    expect(file.status).toBe(200);
    expect(file.headers['set-cookie'] ?? []).toHaveLength(0);
    expect(file.headers['content-disposition']).toMatch(/^attachment; filename="?[\w.-]+"?$/);
    expect(errorCode(await cast.ann.get('/2fa/nothing'))).toBe('not_found');
  });
});
