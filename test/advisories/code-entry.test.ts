import { codeAt, errorCode, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { seconds } from '../support/clock';
import { factorIds, submit, withAnn, type Cast } from './cast';

/** What people put around six digits without meaning to. */
const marked = (code: string): readonly string[] => [
  `${code}.`,
  `"${code}"`,
  `'${code}',`,
  `(${code})`,
  `${code}\n`,
  `\r\n${code}\r\n`,
  `${code.slice(0, 3)} ${code.slice(3)}`,
  `${code.slice(0, 3)}-${code.slice(3)}`,
  `${code.slice(0, 3)}\u00a0${code.slice(3)}`,
  `«${code}»`,
  `\u2068${code}\u2069`,
];

const invisible = [
  '\u202a',
  '\u202b',
  '\u202c',
  '\u202d',
  '\u202e',
  '\u2066',
  '\u2067',
  '\u2068',
  '\u2069',
  '\u200b',
  '\u200c',
  '\u200d',
  '\u200e',
  '\u200f',
  '\ufe0d',
  '\ufeff',
  '\u00ad',
];

const full = (code: string): string =>
  code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
const arabic = (code: string): string =>
  code.replace(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit)));

async function triesLeft(cast: Cast, agent: BrowserAgent): Promise<number> {
  const { body }: { body: { error: { triesLeft: number } } } = await agent.post('/2fa/totp', {
    code: cast.wrong(),
  });
  return body.error.triesLeft;
}

/** A moment whose code begins with a zero. */
function withLeadingZero(cast: Cast): void {
  while (!cast.code().startsWith('0')) cast.clock.move(30 * seconds);
}

describe('What is typed as a code', () => {
  it('Neos-Metaverse/NeosPublic #2528: stray marks around a code are forgiven', async () => {
    const cast = await withAnn();
    for (const nth of marked('123456').keys()) {
      cast.clock.move(30 * seconds);
      await cast.ann.post('/2fa/totp', { code: marked(cast.code())[nth] }).expect(200);
    }
    for (const spell of [full, arabic]) {
      cast.clock.move(30 * seconds);
      await cast.ann.post('/2fa/totp', { code: spell(cast.code()) }).expect(200);
    }
  });

  it('Neos-Metaverse/NeosPublic #2528: the message it came in is forgiven', async () => {
    const cast = await withAnn();
    const messages = [
      (code: string) => `Code: ${code}`,
      (code: string) => `${code} is your code to sign in to WebAdmin.`,
      (code: string) => `${code} is your code.\n\n@admin.example.com #${code}`,
    ];
    for (const message of messages) {
      cast.clock.move(30 * seconds);
      await cast.ann.post('/2fa/totp', { code: message(cast.code()) }).expect(200);
    }
  });

  it('two codes, or a code inside something else, are malformed, and cost no try', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    const code = cast.code();
    for (const text of [`${code} or ${cast.wrong()}`, `A${code}`, `+420${code}`, `${code},50 EUR`]) {
      const answer = await other.post('/2fa/totp', { code: text }).expect(400);
      expect(answer.body.error).toMatchObject({ code: 'malformed', field: 'code' });
    }
    expect(await triesLeft(cast, other)).toBe(4);
  });

  it('usnistgov/ACVP #329: a JSON number is not a code, as it has lost its zero; a string with the zero works', async () => {
    const cast = await withAnn();
    withLeadingZero(cast);
    const again = await halfLogin(cast);
    const code = cast.code();
    for (const sent of [Number(code), 123456, [code], { code }, null, true, false, undefined]) {
      const answer = await again.post('/2fa/totp', { code: sent }).expect(400);
      expect(answer.body.error).toMatchObject({ code: 'malformed', field: 'code' });
      expect(answer.body.error.message).toMatch(/6.digit|6 digits/);
    }
    // Without the zero it is a digit short, which is not a wrong code either.
    expect(errorCode(await again.post('/2fa/totp', { code: code.slice(1) }).expect(400))).toBe('malformed');
    const backup = await again.post('/2fa/backup-code', { code: 7 }).expect(400);
    expect(backup.body.error.message).toBe('Enter one of your backup codes.');
    await again.post('/2fa/totp', { code }).expect(200);
  });

  it('RFC 4226 §5.3, check 7: exactly six digits, zeros included; five, seven, and what only counts as digits are refused', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    for (const code of ['12345', '1234567', '0x1A2B', '½23456', '12345六', '①②③④⑤⑥x', 'Ⅷ23456', '1e5000']) {
      expect([code, errorCode(await other.post('/2fa/totp', { code }).expect(400))]).toEqual([
        code,
        'malformed',
      ]);
    }
    expect(await triesLeft(cast, other)).toBe(4);
  });

  it.each(['woocommerce/woocommerce #58000', 'verbb/hyper #86', 'signalapp/Signal-Android #11630'])(
    '%s: invisible characters that a paste brings along do no harm to codes',
    async () => {
      const cast = await withAnn();
      for (const [nth, mark] of invisible.entries()) {
        cast.clock.move(30 * seconds);
        const code = cast.code();
        const pasted = `${mark}${code.slice(0, 2)}${mark}${code.slice(2)}${mark}`;
        expect([nth, (await cast.ann.post('/2fa/totp', { code: pasted })).status]).toEqual([nth, 200]);
      }
      const backup = invisible.join('') + (cast.backupCodes[0] ?? '').split('').join('\u200b');
      await cast.ann.post('/2fa/backup-code', { code: backup }).expect(200);
    },
  );

  it('woocommerce/woocommerce #58000: a factor’s name is kept and shown without direction tricks', async () => {
    const cast = await withAnn();
    const [id = ''] = await factorIds(cast.ann);
    const label = `\u202eenohp\u202c ${invisible.filter((mark) => mark !== '\ufe0d').join('')}kroW`;
    const { body } = await cast.ann.post(`/2fa/security/factors/${id}/rename`, { label }).expect(200);
    expect(body.factor.label).toBe('enohp kroW');
    for (const path of ['/2fa/security', `/2fa/security/factors/${id}`, '/2fa/choose']) {
      const { text } = await cast.ann.page(path).expect(200);
      expect(text).toContain('<bdi>enohp kroW</bdi>');
      expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    }
  });

  it('WCAG 3.3.8: the code field takes a paste with spaces, and asks for the right keyboard and autofill', async () => {
    const cast = await withAnn();
    const half = await halfLogin(cast);
    for (const { text } of [await half.page('/2fa'), await cast.ann.page('/2fa/security/totp')]) {
      const input = /<input[^>]*id="code"[^>]*>/s.exec(text)?.[0] ?? '';
      expect(input).toContain('type="text"');
      expect(input).toContain('inputmode="numeric"');
      expect(input).toContain('autocomplete="one-time-code"');
      expect(input).not.toMatch(/maxlength|pattern|onpaste/);
    }
  });

  it('ASVS 16.5.1, check 6: a page says in words what is malformed, shows itself again with 422, and costs no try', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    for (const [code, says] of [
      ['', 'Enter the 6-digit code.'],
      ['12a456', 'The code contains only digits. Check what you typed.'],
      ['123', 'The code has 6 digits: some are missing.'],
      ['1234567', 'The code has 6 digits: you typed too many.'],
    ] as const) {
      const page = await submit(other, '/2fa?to=%2Fbilling', '/2fa/totp', { code, to: '/billing' });
      expect(page.status).toBe(422);
      expect(page.text).toContain(says);
      expect(page.text).toContain('name="to" value="/billing"');
    }
    expect(await triesLeft(cast, other)).toBe(4);
    expect(codeAt(cast.secret, cast.clock.now())).toBe(cast.code());
  });
});
