import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { createCatalogue } from '../../lib/pages/catalogue';
import { accessLetter, type LetterRequest, readAddressLines } from '../../lib/recovery/letter';
import { describeIf } from '../support/needs';
import { lostForm, prefill } from '../support/view-samples';

const { text } = createCatalogue();
const LETTERS = (['en', 'cs'] as const).flatMap((lang) =>
  (['a4', 'letter'] as const).map((paper) => ({ lang, paper })),
);
const to = [
  'Žluťoučký kůň, s. r. o.',
  'Nguyễn Thị Hương',
  'Oddělení příliš dlouhých názvů a ještě o něco delších adres',
  'Dlouhá ulice 1234/56',
  '110 00 Praha 1',
  'Česká republika',
];
const usual = {
  text,
  appName: 'WebAdmin',
  form: lostForm,
  to,
  reference: prefill.reference,
  code: '7K2M9QXR4TNW',
  date: '24 November 2026',
  until: '15 December 2026',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'letter-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function letterFile(
  given: Pick<LetterRequest, 'lang' | 'paper'> & Partial<LetterRequest>,
): Promise<string> {
  const file = join(folder, `letter-${given.lang}-${given.paper}.pdf`);
  writeFileSync(file, await accessLetter({ ...usual, ...given }));
  return file;
}
const run = (tool: string, ...args: readonly string[]): string =>
  execFileSync(tool, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const flat = (words: string): string => words.replace(/\s+/g, ' ');

describeIf('poppler', 'the letter with a code', () => {
  it.each(LETTERS)(
    'is one tagged page that says everything once, in $lang on $paper',
    async ({ lang, paper }) => {
      const file = await letterFile({ lang, paper });
      const info = run('pdfinfo', file);
      expect(info).toMatch(/^Pages: +1$/m);
      expect(info).toMatch(/^Tagged: +yes$/m);
      expect(info).toContain(paper === 'a4' ? '595.28 x 841.89' : '612 x 792');
      const said = flat(run('pdftotext', file, '-'));
      const { appName: app, form, reference, date, until } = usual;
      const params = { app, to: form.sendTo, reference, date, until };
      for (const key of [
        'letter.title',
        'letter.date',
        'letter.reference',
        'letter.intro',
        'letter.code',
        'letter.use.open',
        'letter.use.type',
        'letter.use.keep',
        'letter.stop.sign_in',
        'letter.stop.call',
        'letter.stop.alone',
      ] as const)
        expect(said.replaceAll(' ', '')).toContain(text(lang, key, params).replaceAll(' ', ''));
      for (const line of [...to, ...form.operator]) expect(said).toContain(line);
      expect(said.split('7K2M-9QXR-4TNW')).toHaveLength(2);
      const structure = run('pdfinfo', '-struct-text', file).match(/^ *(?:H1|H2|L)\b/gm) ?? [];
      expect(structure.map((part) => part.trim())).toEqual(['H1', 'H2', 'L', 'H2', 'L']);
    },
  );

  it.each(LETTERS)(
    'has the address, and nothing else, in the window, in $lang on $paper',
    async ({ lang, paper }) => {
      // Points from the upper left: what shows wherever the paper slips to.
      const window = paper === 'a4' ? [60, 176, 240, 78] : [63, 149, 250, 80];
      const [x, y, width, height] = window.map(String) as [string, string, string, string];
      const file = await letterFile({ lang, paper });
      const seen = run('pdftotext', '-x', x, '-y', y, '-W', width, '-H', height, file, '-').trim();
      expect(seen.split('\n').filter(Boolean)).toEqual(to);
    },
  );

  it('leads nobody anywhere: it has no address of a page and no picture', async () => {
    const file = await letterFile({ lang: 'en', paper: 'a4' });
    expect(run('pdftotext', file, '-')).not.toMatch(/https?:|\/2fa/);
    expect(run('pdfimages', '-list', file).trim().split('\n')).toHaveLength(2);
    expect(run('pdfinfo', '-struct', file)).not.toContain('Figure');
    expect(readFileSync(file, 'latin1')).not.toMatch(/\/URI\b|\/Link\b/);
  });

  it('is one page even in a language that needs 40 %% more words', async () => {
    const longer: LetterRequest['text'] = (lang, key, params) => {
      const said = text(lang, key, params);
      return `${said} ${said.slice(0, said.length * 0.4)}`;
    };
    expect(run('pdfinfo', await letterFile({ lang: 'cs', paper: 'letter', text: longer }))).toMatch(
      /^Pages: +1$/m,
    );
  });

  it.each([
    ['letters that are wide', 'M'.repeat(60), 'M'.repeat(60)],
    [
      'the syntax of PDF',
      'x) Tj ET (\\ \\) << /S /JavaScript >> endobj %%EOF',
      '<< /S /JavaScript >> endobj',
    ],
    ['the other direction', '\u202EPraha\u202C', 'Praha'],
  ])('is one page with any address and any operator: %s', async (_what, line, shown) => {
    const operator = Array.from({ length: 6 }, () => line);
    const file = await letterFile({
      lang: 'cs',
      paper: 'letter',
      to: operator,
      form: { ...lostForm, operator, sendTo: line },
    });
    expect(run('pdfinfo', file)).toMatch(/^Pages: +1$/m);
    expect(flat(run('pdftotext', file, '-')).split(shown).length).toBeGreaterThan(12);
  });

  it('is in English where the fonts lack the letters of a language, and spells out a name that they lack', async () => {
    const arabic = createCatalogue({ ar: { 'letter.title': 'رسالة' } });
    const file = await letterFile({ lang: 'ar', paper: 'a4', text: arabic.text, to: ['Иван'] });
    const said = flat(run('pdftotext', file, '-'));
    expect(said).toContain(text('en', 'letter.title', { app: 'WebAdmin' }));
    expect(said).toContain('[U+0418][U+0432][U+0430][U+043D]');
  });

  it.each(LETTERS)('keeps its margins free of ink, in $lang on $paper', async ({ lang, paper }) => {
    const name = join(folder, `look-${lang}-${paper}`);
    run('pdftoppm', '-r', '60', '-png', '-singlefile', await letterFile({ lang, paper }), name);
    const { width, height, data } = PNG.sync.read(readFileSync(`${name}.png`));
    const isInk = (x: number, y: number): boolean => (data[4 * (y * width + x)] ?? 255) < 200;
    const margin = 40;
    const inked = Array.from({ length: height }, (_, y) =>
      Array.from({ length: margin }, (__, x) => isInk(x, y) || isInk(width - 1 - x, y)).includes(true),
    );
    expect(inked).not.toContain(true);
  });
});

describe('An address for a letter', () => {
  it('is its lines, without what nobody sees', () => {
    expect(readAddressLines(' Anna  Nováková\r\n\r\n\tDlouhá 1\u200E\n110 00 Praha 1 \n')).toEqual({
      ok: true,
      lines: ['Anna Nováková', 'Dlouhá 1', '110 00 Praha 1'],
    });
  });

  it.each([
    ['nothing', undefined],
    ['no line', ' \n \u200B'],
    ['seven lines', 'a\nb\nc\nd\ne\nf\ng'],
    ['a line that is too long', 'x'.repeat(61)],
    ['far too much', 'x\n'.repeat(100_000)],
    ['a list', ['Anna']],
  ])('is not %s', (_what, input) => {
    expect(readAddressLines(input)).toMatchObject({ code: 'malformed', field: 'address' });
  });
});
