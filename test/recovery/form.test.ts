import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCatalogue } from '../../lib/pages/catalogue';
import { recoveryForm, type FormRequest } from '../../lib/recovery/form';
import { describeIf } from '../support/needs';
import { lostForm, prefill } from '../support/view-samples';

const PAPERS = { a4: '595.28 x 841.89', letter: '612 x 792' } as const;
const FORMS = (['en', 'cs'] as const).flatMap((lang) =>
  (['a4', 'letter'] as const).map((paper) => ({ lang, paper })),
);
const TEXTS = [
  'account',
  'customerNumber',
  'name',
  'birthDate',
  'address',
  'phone',
  'email',
  'replyTo',
  'signedAt',
  'signedOn',
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'form-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { text } = createCatalogue();
async function formFile(given: Partial<FormRequest>): Promise<string> {
  const usual = {
    lang: 'en',
    paper: 'a4',
    text,
    appName: 'WebAdmin',
    form: lostForm,
    prefill: null,
  } as const;
  const file = join(folder, 'form.pdf');
  writeFileSync(file, await recoveryForm({ ...usual, ...given }));
  return file;
}
const run = (tool: string, ...args: readonly string[]): string =>
  execFileSync(tool, args, { encoding: 'utf8', maxBuffer: 50_000_000, stdio: ['ignore', 'pipe', 'pipe'] });
const flat = (words: string): string => words.replace(/\s+/g, ' ');

describeIf(['poppler', 'zbarimg'], 'the form, read by poppler', () => {
  it.each(FORMS)('is two tagged pages with a title in $lang on $paper', async ({ lang, paper }) => {
    const info = run('pdfinfo', await formFile({ lang, paper, prefill }));
    expect(info).toMatch(/^Pages: +2$/m);
    expect(info).toMatch(/^Tagged: +yes$/m);
    expect(info).toContain(`Title:           ${text(lang, 'form.title')} – ${lostForm.operator[0]}`);
    expect(info).toContain(`Page size:       ${PAPERS[paper]}`);
    expect(info).toMatch(/^JavaScript: +no$/m);
  });

  it.each(FORMS)(
    'says everything in $lang on $paper, with its reference on each page',
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
        'form.next.wait',
        'form.certified.text',
      ] as const)
        expect(all).toContain(text(lang, key));
    },
  );

  it.each(FORMS)('has the status address in its QR code, in $lang on $paper', async ({ lang, paper }) => {
    const file = await formFile({ lang, paper, prefill });
    run('pdftoppm', '-r', '150', '-f', '1', '-l', '1', '-png', file, join(folder, 'page'));
    expect(run('zbarimg', '--quiet', '--raw', join(folder, 'page-1.png')).trim()).toBe(prefill.statusUrl);
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

describeIf('mutool', 'the form, read by MuPDF', () => {
  it.each(FORMS)('says the same in $lang on $paper', async ({ lang, paper }) => {
    const all = flat(run('mutool', 'draw', '-q', '-F', 'text', await formFile({ lang, paper, prefill })));
    for (const said of [prefill.reference, prefill.checkCode, prefill.account, text(lang, 'form.warning')])
      expect(all).toContain(said);
  });

  it.each(FORMS)('has fields with names to be read aloud, in $lang on $paper', async ({ lang, paper }) => {
    const fields = fieldsOf(run('mutool', 'show', await formFile({ lang, paper }), 'grep'));
    const names = fields.map((field) => /\/T\((\w[\w-]*)\)/.exec(field)?.[1] ?? '');
    expect(names).toEqual(expect.arrayContaining([...TEXTS, 'lost-totp', 'enclosed-identity', 'signature']));
    expect(new Set(names).size).toBe(names.length);
    expect(fields.filter((field) => !/\/TU[(<]/.test(field) || !/\/StructParent /.test(field))).toEqual([]);
    expect(fields.filter((field) => !/\/AP<</.test(field))).toEqual([]);
  });
});

/** Each object of the file is a line. */
const fieldsOf = (objects: string): string[] =>
  objects.split('\n').filter((one) => one.includes('/Subtype/Widget'));
