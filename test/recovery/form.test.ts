import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { createCatalogue } from '../../lib/pages/catalogue';
import { recoveryForm, type FormRequest } from '../../lib/recovery/form';
import { describeIf } from '../support/needs';
import { lostForm, prefill } from '../support/view-samples';

const PAPERS = { a4: '595.28 x 841.89', letter: '612 x 792' } as const;
const FORMS = (['en', 'cs'] as const).flatMap((lang) =>
  (['a4', 'letter'] as const).map((paper) => ({ lang, paper })),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'form-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { text } = createCatalogue();
const usual = {
  lang: 'en',
  paper: 'a4',
  text,
  appName: 'WebAdmin',
  form: lostForm,
  waits: { short: 3, long: 7 },
  prefill: null,
} as const;
const drawn = new Map<string, Promise<Buffer>>();

/** Drawn once for all tests that look at the same form. */
function drawnForm(given: Partial<FormRequest>): Promise<Buffer> {
  const request = { ...usual, ...given };
  // Functions don't show in JSON.
  if (request.text !== text) return recoveryForm(request);
  const key = JSON.stringify(request);
  const form = drawn.get(key) ?? recoveryForm(request);
  drawn.set(key, form);
  return form;
}

async function formFile(given: Partial<FormRequest>, name = 'form.pdf'): Promise<string> {
  const file = join(folder, name);
  writeFileSync(file, await drawnForm(given));
  return file;
}
const run = (tool: string, ...args: readonly string[]): string =>
  execFileSync(tool, args, { encoding: 'utf8', maxBuffer: 50_000_000, stdio: ['ignore', 'pipe', 'pipe'] });
const flat = (words: string): string => words.replace(/\s+/g, ' ');

describeIf(['poppler', 'zbarimg'], 'the form, read by poppler', () => {
  it.each(FORMS)('check 61: is two tagged pages with a title in $lang on $paper', async ({ lang, paper }) => {
    const info = run('pdfinfo', await formFile({ lang, paper, prefill }));
    expect(info).toMatch(/^Pages: +2$/m);
    expect(info).toMatch(/^Tagged: +yes$/m);
    expect(info).toContain(`Title:           ${text(lang, 'form.title')} – ${lostForm.operator[0]}`);
    expect(info).toContain(`Page size:       ${PAPERS[paper]}`);
    expect(info).toMatch(/^JavaScript: +no$/m);
  });

  it.each(FORMS)(
    'check 61: says everything in $lang on $paper, with its reference on each page',
    async ({ lang, paper }) => {
      const file = await formFile({ lang, paper, prefill });
      const pages = [1, 2].map((page) =>
        flat(run('pdftotext', '-f', `${page}`, '-l', `${page}`, '-layout', file, '-')),
      );
      for (const [at, page] of pages.entries()) {
        expect(page).toContain(prefill.reference);
        // Narrow spaces between single letters are none to poppler.
        const number = text(lang, 'form.page', { page: at + 1, pages: 2 });
        expect(page.replaceAll(' ', '')).toContain(number.replaceAll(' ', ''));
      }
      const all = flat(run('pdftotext', file, '-'));
      for (const said of [
        ...lostForm.operator,
        prefill.checkCode,
        prefill.account,
        prefill.date,
        lostForm.sendTo,
      ])
        expect(all).toContain(said);
      for (const key of [
        'form.warning',
        'form.copies.cover',
        'form.copies.text',
        'form.certified.text',
      ] as const)
        expect(all).toContain(text(lang, key));
      const [short, long] = [3, 7].map((count) => text(lang, 'lost.days', { count })) as [string, string];
      expect(all).toContain(text(lang, 'form.next.wait', { short, long }));
    },
  );

  it.each(FORMS)(
    'check 61: has the status address in its QR code, in $lang on $paper',
    async ({ lang, paper }) => {
      const file = await formFile({ lang, paper, prefill });
      run('pdftoppm', '-r', '150', '-f', '1', '-l', '1', '-png', file, join(folder, 'page'));
      expect(run('zbarimg', '--quiet', '--raw', join(folder, 'page-1.png')).trim()).toBe(prefill.statusUrl);
    },
  );

  it('has a QR code with modules of half a millimetre', async () => {
    const name = join(folder, 'fine');
    run('pdftoppm', '-r', '300', '-l', '1', '-png', '-singlefile', await formFile({ prefill }), name);
    const { width, data } = PNG.sync.read(readFileSync(`${name}.png`));
    const isInk = (x: number, y: number): boolean => (data[4 * (y * width + x)] ?? 255) < 128;
    const right = Array.from({ length: width }, (_, x) => x).filter((x) => x > width * 0.7);
    const top = Array.from({ length: 600 }, (_, y) => y).find((y) => right.some((x) => isInk(x, y))) ?? 0;
    // Its upper left corner is a square of seven modules.
    const left = right.find((x) => isInk(x, top)) ?? 0;
    const end = right.find((x) => x > left && !isInk(x, top)) ?? 0;
    expect(((end - left) / 7 / 300) * 25.4).toBeGreaterThan(0.49);
  });

  const placesOf = (word: string, file: string): string[] =>
    run('pdftotext', '-l', '1', '-bbox', file, '-')
      .split('\n')
      .filter((line) => line.includes(`>${word}<`));
  let plain: Promise<string>;
  beforeAll(() => {
    plain = formFile({ prefill }, 'plain.pdf');
  });

  it.each([
    ['10 000 letters', 'M'.repeat(10_000), 'MMMMMM'],
    ['10 000 letters of another script', '汉'.repeat(10_000), '[U+6C49][U+6C49]'],
    ['10 000 accents on one letter', `a${'\u0301'.repeat(10_000)}`, 'á'],
    ['lines', 'one\r\ntwo\n'.repeat(1000), 'one two one two'],
    ['control characters', 'one\u0000two\u001B\u007F\u0085six\u2028ten', 'one two six ten'],
    ['the other direction', '\u202Egnp.exe\u2066x\u2069', 'gnp.exe x'],
    ['half a character', 'a\uD800b\uFFFE', 'a[U+D800]b[U+FFFE]'],
    [
      'the syntax of PDF',
      'x) Tj ET (\\ \\) << /S /JavaScript /JS (app.alert\\(1\\)) >> endobj %%EOF',
      'x) Tj ET (\\ \\) << /S /JavaScript /JS (app.alert\\(1\\)) >> endobj',
    ],
  ])('shows the name of an account on its line, whatever is in it: %s', async (_what, account, shown) => {
    const file = await formFile({ prefill: { ...prefill, account } });
    const { stdout, stderr } = spawnSync('pdfinfo', [file], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^Pages: +2$/m);
    expect(stdout).toMatch(/^JavaScript: +no$/m);
    const said = run('pdftotext', '-l', '1', file, '-');
    expect(flat(said)).toContain(shown);
    // One line high, so that what comes next is where it always is.
    expect(placesOf('holder', file)).toEqual(placesOf('holder', await plain));
  });

  it('has its fonts in it, for every letter that it shows', async () => {
    const fonts = run('pdffonts', await formFile({ lang: 'cs', prefill }))
      .split('\n')
      .slice(2)
      .filter(Boolean);
    const shown = fonts.filter((font) => font.includes('NotoSans'));
    expect(shown).toHaveLength(2);
    for (const font of shown) expect(font).toMatch(/CID TrueType +Identity-H +yes yes yes/);
  });

  it.each(FORMS)(
    'has a structure that a screen reader can follow, in $lang on $paper',
    async ({ lang, paper }) => {
      const structure = run('pdfinfo', '-struct-text', await formFile({ lang, paper, prefill }));
      const parts = structure.split('\n').map((line) => line.trim().replace(/[: ].*$/, ''));
      const count = (type: string) => parts.filter((part) => part === type).length;
      expect(parts[0]).toBe('Document');
      expect(count('H1')).toBe(1);
      expect(count('H2')).toBe(12);
      expect(count('Figure')).toBe(6);
      expect(count('L')).toBe(2);
      expect(count('Form')).toBeGreaterThan(30);
      // Each field follows its label.
      expect(flat(structure)).toContain(`"${text(lang, 'form.holder.name')}" Form Object`);
    },
  );

  it('is called by names with any characters, in its XML too', async () => {
    const file = await formFile({ form: { ...lostForm, operator: ['Müller & <Söhne>'] } });
    expect(run('pdfinfo', file)).toContain('Title:           Lost access form – Müller & <Söhne>\n');
    expect(run('pdfinfo', '-meta', file)).toContain('Lost access form – Müller &amp; &lt;Söhne&gt;</rdf:li>');
    expect(run('pdfinfo', '-meta', file)).toContain('<pdfuaid:part>1</pdfuaid:part>');
  });

  it('is in English where the fonts lack the letters of a language, with names spelled out', async () => {
    const arabic = createCatalogue({ ar: { 'form.title': 'نموذج' } });
    const form = { ...lostForm, operator: ['Иван'] };
    const file = await formFile({ lang: 'ar', text: arabic.text, form });
    expect(flat(run('pdftotext', file, '-'))).toContain('Lost access form');
    expect(flat(run('pdftotext', file, '-'))).toContain('[U+0418][U+0432][U+0430][U+043D]');
  });

  it('still is two pages in a language that needs 40 %% more words', async () => {
    const longer: FormRequest['text'] = (lang, key, params) => {
      const said = text(lang, key, params);
      return key === 'form.page' ? said : `${said} ${said.slice(0, said.length * 0.4)}`;
    };
    expect(run('pdfinfo', await formFile({ paper: 'letter', text: longer }))).toMatch(/^Pages: +2$/m);
  });

  it('asks for no certification, customer number or date of birth unless the operator does', async () => {
    const few = { ...lostForm, certification: false, customerNumber: false, birthDate: false };
    const said = flat(run('pdftotext', await formFile({ form: few }), '-'));
    for (const key of ['form.certified', 'form.account.customer', 'form.holder.birth_date'] as const)
      expect(said).not.toContain(text('en', key));
  });
});

/** Run by MuPDF: types into fields, ticks boxes, saves, and tells what each field is. */
const WIDGETS = `
  var document = new Document(scriptArgs[0]);
  var typed = JSON.parse(scriptArgs[2]);
  for (var at = 0; at < document.countPages(); at += 1) {
    document.loadPage(at).getWidgets().forEach(function (widget) {
      var label = widget.getLabel(), text = typed[label];
      if (text === true) widget.toggle();
      else if (text) widget.setTextValue(text);
      print(JSON.stringify([at + 1, widget.getFieldType(), label, widget.getValue()]));
    });
  }
  document.save(scriptArgs[1], 'incremental');
`;
type Widget = readonly [page: number, type: string, label: string, value: string];
function widgetsOf(file: string, typed: Readonly<Record<string, string | true>> = {}): Widget[] {
  const script = join(folder, 'widgets.js');
  writeFileSync(script, WIDGETS);
  copyFileSync(file, join(folder, 'filled.pdf'));
  const said = run('mutool', 'run', script, file, join(folder, 'filled.pdf'), JSON.stringify(typed));
  return said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Widget);
}

describeIf('mutool', 'the form, read by MuPDF', () => {
  it.each(FORMS)('says the same in $lang on $paper', async ({ lang, paper }) => {
    const all = flat(run('mutool', 'draw', '-q', '-F', 'text', await formFile({ lang, paper, prefill })));
    for (const said of [prefill.reference, prefill.checkCode, prefill.account, text(lang, 'form.warning')])
      expect(all).toContain(said);
  });

  it.each(FORMS)('has fields with names to be read aloud, in $lang on $paper', async ({ lang, paper }) => {
    const widgets = widgetsOf(await formFile({ lang, paper }));
    const labels = (type: string) => widgets.filter(([, its]) => its === type).map(([, , label]) => label);
    const t = (key: Parameters<typeof text>[1]) => text(lang, key);
    const wanted = [
      'form.account.name',
      'form.holder.name',
      'form.reply.to',
      'form.declaration.place',
    ] as const;
    expect(labels('text')).toEqual(expect.arrayContaining(wanted.map(t)));
    expect(labels('checkbox')).toEqual(
      expect.arrayContaining([
        `${t('form.lost.label')}: ${t('form.lost.totp')}`,
        `${t('form.enclosed.label')}: ${t('form.enclosed.identity')}`,
      ]),
    );
    expect(labels('signature')).toEqual([t('form.declaration.signature')]);
    expect(new Set(widgets.map(([page]) => page))).toEqual(new Set([1, 2]));
    expect(widgets.filter(([, , , value]) => value !== '' && value !== 'Off')).toEqual([]);
  });
});

describeIf(['mutool', 'poppler', 'certutil'], 'the form, filled in by MuPDF', () => {
  const ticked = 'Tick everything you can no longer use: authenticator app';
  const typed = { 'Full name': 'Anna Novakova', [ticked]: true } as const;

  it('shows what was typed to poppler', async () => {
    widgetsOf(await formFile({}), typed);
    const filled = join(folder, 'filled.pdf');
    expect(flat(run('pdftotext', filled, '-'))).toContain('Anna Novakova');
    const values = widgetsOf(filled).filter(([, , label]) => label in typed);
    expect(values.map(([, , , value]) => value)).toEqual(['Anna Novakova', 'Yes']);
  });

  it('takes a signature by a second tool, and stays as it was filled in', async () => {
    widgetsOf(await formFile({ prefill }), typed);
    const [filled, signed, keys] = ['filled.pdf', 'signed.pdf', 'keys'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(keys);
    run('certutil', '-N', '-d', keys, '--empty-password');
    writeFileSync(join(folder, 'noise'), randomBytes(64));
    const own = ['-S', '-x', '-n', 'anna', '-s', 'CN=Anna', '-t', 'CT,C,C', '-z', join(folder, 'noise')];
    run('certutil', ...own, '-d', keys);
    run('pdfsig', '-nssdir', keys, '-nick', 'anna', '-sign', 'signature', filled, signed);
    const told = run('pdfsig', '-nssdir', keys, signed);
    expect(told).toContain('Signature Validation: Signature is Valid.');
    expect(told).toContain('Total document signed');
    const values = widgetsOf(signed).filter(([, , label]) => label in typed);
    expect(values.map(([, , , value]) => value)).toEqual(['Anna Novakova', 'Yes']);
    expect(widgetsOf(signed)).toHaveLength(widgetsOf(filled).length);
  });
});
