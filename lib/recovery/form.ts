import { formContent, type FormContent, type FormFacts } from './form-content';
import { layOut } from './lay-out';
import type { Paper } from './pdf';
import { printableLanguage, type TextIn } from './printable';

export interface FormRequest extends FormFacts {
  readonly lang: string;
  readonly text: TextIn;
  readonly paper: Paper;
}

const MOST_PAGES = 2;
/** Of the usual size of letters: for languages and operators that need more words than two pages have room for. */
const SCALES = [1, 0.95, 0.9, 0.85] as const;
const SMALLEST = 0.8;

/**
 * The form as a PDF: tagged, on at most two pages, to be filled in on the screen or by hand. In a language whose
 * letters our fonts lack it is in English (docs/decisions/the-form-on-paper.md).
 */
export async function recoveryForm(request: FormRequest): Promise<Buffer> {
  const lang = printableLanguage(request.lang, request.text, (text) => formContent(text, request));
  const content = contentIn(lang, request);
  for (const scale of SCALES) {
    const { pages, file } = await layOut(content, lang, request.paper, scale);
    if (pages <= MOST_PAGES) return file;
  }
  return (await layOut(content, lang, request.paper, SMALLEST)).file;
}

export const contentIn = (
  lang: string,
  { text, ...request }: Omit<FormRequest, 'lang' | 'paper'>,
): FormContent => formContent((key, params) => text(lang, key, params), request);
