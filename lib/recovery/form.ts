import type { TextKey, TextParams } from '../pages/catalogue';
import type { LostAccessForm } from '../options/options';
import { formContent, type FormContent, type Prefill } from './form-content';
import { hasEveryLetter } from './letters';
import { layOut } from './lay-out';
import type { Paper } from './pdf';

export interface FormRequest {
  readonly lang: string;
  readonly text: (lang: string, key: TextKey, params?: TextParams) => string;
  readonly paper: Paper;
  readonly appName: string;
  readonly form: Required<LostAccessForm>;
  /** null: the blank form, which is for everybody. */
  readonly prefill: Prefill | null;
}

const ENGLISH = 'en';
const MOST_PAGES = 2;
/** Of the usual size of letters: for languages and operators that need more words than two pages have room for. */
const SCALES = [1, 0.95, 0.9, 0.85] as const;
const SMALLEST = 0.8;

/**
 * The form as a PDF: tagged, on at most two pages, to be filled in on the screen or by hand. In a language whose
 * letters our fonts lack it is in English (docs/decisions/the-form-on-paper.md).
 */
export async function recoveryForm(request: FormRequest): Promise<Buffer> {
  const lang = isPrintable(request) ? request.lang : ENGLISH;
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

/** Whether the fonts have the letters of the language; names in it are not looked at. */
function isPrintable({ lang, text, ...request }: FormRequest): boolean {
  let isReadable = true;
  formContent((key, params = {}) => {
    const words = text(lang, key, nameless(params));
    isReadable &&= hasEveryLetter(words);
    return words;
  }, request);
  return isReadable;
}

const nameless = (params: TextParams): TextParams =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? '' : value] as const),
  );
