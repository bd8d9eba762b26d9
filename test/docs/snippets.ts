import { pages, read } from './pages';

export interface Snippet {
  readonly page: string;
  /** Of the block's first line. */
  readonly line: number;
  readonly lang: 'js' | 'ts';
  readonly code: string;
  /** The file of this repository that it shows, named in its first line; others are code of the reader's app. */
  readonly file: string | null;
}

const FENCE = /^( *)```(\w*)[^\n]*\n([\s\S]*?)\n\1```$/gm;

/** Every `js` and `ts` block of the documentation. */
export const snippets: readonly Snippet[] = pages.flatMap((page) => {
  const text = read(page);
  return [...text.matchAll(FENCE)].flatMap(({ 1: indent = '', 2: lang, 3: code = '', index }) =>
    lang === 'js' || lang === 'ts'
      ? [
          {
            page,
            line: text.slice(0, index).split('\n').length + 1,
            lang,
            code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
            file: /^\s*\/\/ (test\/\S+\.ts)\n/.exec(code)?.[1] ?? null,
          } as const,
        ]
      : [],
  );
});

/** The one block of a page that has this text in it. */
export function snippetWith(page: string, text: string): Snippet {
  const found = snippets.filter((one) => one.page === page && one.code.includes(text));
  const [snippet] = found;
  if (snippet === undefined || found.length > 1)
    throw new Error(`${page} has ${found.length} blocks with "${text}"`);
  return snippet;
}
