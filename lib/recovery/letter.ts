import { refuse, type Refusal } from '../errors';
import { spellCode } from '../factors/code-text';
import type { LostAccessForm } from '../options/options';
import type { Section } from './form-content';
import { createPdf, type Paper, type Pdf, type Style } from './pdf';
import { createPress } from './press';
import { printableLanguage, type TextIn } from './printable';

export interface LetterRequest {
  readonly lang: string;
  readonly text: TextIn;
  readonly paper: Paper;
  readonly appName: string;
  readonly form: Pick<LostAccessForm, 'operator' | 'sendTo'>;
  /** Name and postal address, as `readAddressLines` gives them. */
  readonly to: readonly string[];
  readonly reference: string;
  /** As `makeLetterCode` gives it. It is stored nowhere, and nowhere else shown. */
  readonly code: string;
  /** The day it is written, and the last day of the code, in words. */
  readonly date: string;
  readonly until: string;
}

const MOST_LINES = 6;
const LONGEST_LINE = 60;

/** An address to put into the window of an envelope: 1 to 6 lines, as somebody types them. */
export function readAddressLines(
  input: unknown,
): { readonly ok: true; readonly lines: readonly string[] } | Refusal {
  const typed = typeof input === 'string' && input.length <= MOST_LINES * LONGEST_LINE * 2 ? input : '';
  const lines = typed
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/[\p{C}\s]+/gu, ' ').trim())
    .filter((line) => line !== '');
  const isRight =
    lines.length > 0 && lines.length <= MOST_LINES && lines.every((line) => line.length <= LONGEST_LINE);
  return isRight ? { ok: true, lines } : refuse('malformed', { field: 'address' });
}

/** Where the window of an envelope is (DIN 5008 form B; a #10 envelope, folded in three), and where the text begins. */
const PLACES = {
  a4: { x: 71, address: 178, body: 284 },
  letter: { x: 72, address: 151, body: 256 },
} as const;
const WINDOW = 226;
const LINE = 12.8;
const SCALES = [1.2, 1.1, 1, 0.9] as const;
const SMALLEST = 0.8;

/**
 * The letter with a code to the postal address on file, on one page. Besides the code it says nothing that helps anybody:
 * no address of a page, so that whoever finds it has a code and no place for it.
 */
export async function accessLetter(request: LetterRequest): Promise<Buffer> {
  const lang = printableLanguage(request.lang, request.text, (text) => contentOf(text, request));
  const content = contentOf((key, params) => request.text(lang, key, params), request);
  for (const scale of SCALES) {
    const { pages, file } = await print(content, lang, request, scale);
    if (pages === 1) return file;
  }
  return (await print(content, lang, request, SMALLEST)).file;
}

type Content = ReturnType<typeof contentOf>;

function contentOf(
  t: Parameters<Parameters<typeof printableLanguage>[2]>[0],
  { appName: app, form, reference, date, until }: LetterRequest,
) {
  const list = (...items: readonly string[]): Section['parts'] => [{ kind: 'list', items }];
  return {
    title: t('letter.title', { app }),
    date: t('letter.date', { date }),
    reference: t('letter.reference', { reference }),
    intro: t('letter.intro', { app }),
    code: t('letter.code'),
    sections: [
      {
        title: t('letter.use'),
        parts: list(t('letter.use.open'), t('letter.use.type', { until }), t('letter.use.keep')),
      },
      {
        title: t('letter.stop'),
        parts: list(
          t('letter.stop.sign_in', { app }),
          t('letter.stop.call', { to: form.sendTo }),
          t('letter.stop.alone'),
        ),
      },
    ] satisfies readonly Section[],
    foot: t('form.foot', { app, reference }),
  };
}

async function print(
  content: Content,
  lang: string,
  { form, to, code, paper }: LetterRequest,
  scale: number,
): Promise<{ readonly pages: number; readonly file: Buffer }> {
  const [author = ''] = form.operator;
  const pdf = createPdf({ title: `${content.title} – ${author}`, author, lang, paper });
  const place = PLACES[paper];
  const column = { x: place.x, width: pdf.width - 2 * place.x };
  const press = createPress(pdf, column, scale);
  const lines = fitting(pdf);
  lines(form.operator, { x: place.x, y: 40, width: column.width }, { size: 10, weight: 'bold' });
  sender(pdf, form.operator.join(' · '), { x: place.x, y: place.address, width: WINDOW });
  lines(to, { x: place.x, y: place.address, width: WINDOW }, { size: 9.5 });
  const beside = { x: place.x + WINDOW + 30, y: place.address, width: column.width - WINDOW - 30 };
  lines([content.date, content.reference], beside, { size: 9.5 });

  let y: number = place.body;
  for (const block of press.letter({ ...content, code: [content.code, spellCode(code)] })) {
    if (y + block.height > pdf.height - 50) {
      pdf.newPage();
      y = 50;
    }
    const part = pdf.part(pdf.root, 'Sect');
    block.draw(part, y);
    part.end();
    y += block.height;
  }
  const foot = (): readonly [string, string] => [content.foot, ''];
  return pdf.finish(foot, { ...column, y: pdf.height - 40 }, { size: 8, color: '#444' });
}

const SENDER_LINES = 2;

/** Whose letter it is, in small letters above the address in the window. */
function sender(pdf: Pdf, words: string, { x, y, width }: { x: number; y: number; width: number }): void {
  const part = pdf.part(pdf.root, 'Sect');
  // A line that ends with a whole word is up to a quarter shorter.
  const share = Math.min(1, (SENDER_LINES * width * 0.75) / pdf.widthOf(words, { size: 6.5 }));
  const style = { size: 6.5 * share };
  pdf.text(part, 'P', words, { x, y: y - 3 - pdf.heightOf(words, width, style), width }, style);
  part.end();
}

/** Lines at a fixed distance, each as small as it needs to be: an address has as many lines as a window shows. */
const fitting =
  (pdf: Pdf) =>
  (all: readonly string[], { x, y, width }: { x: number; y: number; width: number }, style: Style): void => {
    const part = pdf.part(pdf.root, 'Sect');
    for (const [at, line] of all.entries()) {
      const share = Math.min(1, (width - 2) / pdf.widthOf(line, style));
      pdf.text(part, 'P', line, { x, y: y + at * LINE, width }, { ...style, size: style.size * share });
    }
    part.end();
  };
