import { read } from './pages';

/** An option as its type describes it. */
export interface Described {
  readonly path: string;
  /** The first paragraph. */
  readonly text: string;
  /** `required` where it can't be left out. */
  readonly fallback: string;
}

const PAGE = /(?:README|(?:docs\/[\w/-]+))\.md(?:#[\w-]+)?/g;

/**
 * The options that have rows in a page, read from the comments in their interfaces: one that has a comment has a row, one
 * without is a group whose parts have rows.
 */
export function describedOptions(of = 'SecondFactorOptions', within = ''): readonly Described[] {
  const source = read('lib/options/options.ts').split('\n');
  const bodyOf = (name: string): readonly string[] | null => {
    const start = source.findIndex((line) => line.startsWith(`export interface ${name}`));
    return start < 0 ? null : source.slice(start + 1, source.indexOf('}', start));
  };
  const rowsOf = (body: readonly string[], prefix: string): Described[] =>
    membersOf(body).flatMap(({ name, isOptional, comment, type, inner }) => {
      const path = prefix + name;
      if (comment.length > 0) return [{ path, ...described(comment, isOptional) }];
      return rowsOf(inner ?? bodyOf(type) ?? [], `${path}.`);
    });
  return rowsOf(bodyOf(of) ?? [], within);
}

/** The pages whose heading "Options" is followed by a table of options. */
export const pagesWithOptions = ['README.md', 'docs/security-keys.md'] as const;
type PageWithOptions = (typeof pagesWithOptions)[number];

/** The rows of a page's table, as cells. */
export const optionRows = (page: PageWithOptions): string[][] =>
  (page === 'README.md' ? describedOptions() : describedOptions('WebauthnOptions', 'webauthn.')).map(
    ({ path, text, fallback }) => [
      `\`${path}\``,
      fallback,
      text.replaceAll('|', '\\|').replaceAll(PAGE, (target) => link(target, page)),
    ],
  );

/** The page with that table in it. */
export function withOptions(page: PageWithOptions): string {
  const [before = '', rest = ''] = read(page).split('\n## Options\n');
  const table = [
    '| Option | Default | |',
    '| --- | --- | --- |',
    ...optionRows(page).map((row) => `| ${row.join(' | ')} |`),
  ];
  return `${before}\n## Options\n${rest.replace(/(?:^\|.*\n)+/m, `${table.join('\n')}\n`)}`;
}

interface Member {
  readonly name: string;
  readonly isOptional: boolean;
  readonly comment: readonly string[];
  readonly type: string;
  /** The lines of a type that is written there and then. */
  readonly inner: readonly string[] | null;
}

/** The source is formatted, so a member begins at the indentation of its body. */
function membersOf(body: readonly string[]): Member[] {
  const indent = /^ */.exec(body[0] ?? '')?.[0] ?? '';
  const start = new RegExp(`^${indent}(\\w+)(\\??)(:|\\()\\s*(\\w*)`);
  return body.flatMap((line, at) => {
    const [, name, optional, , type = ''] = start.exec(line) ?? [];
    if (name === undefined) return [];
    const end = line.endsWith('{') ? body.indexOf(`${indent}};`, at) : -1;
    const inner = end < 0 ? null : body.slice(at + 1, end);
    return [{ name, isOptional: optional === '?', comment: commentAbove(body, at), type, inner }];
  });
}

function commentAbove(body: readonly string[], at: number): string[] {
  if (!body[at - 1]?.trimEnd().endsWith('*/')) return [];
  const start = body.slice(0, at).findLastIndex((line) => line.trimStart().startsWith('/**'));
  const lines = body
    .slice(start, at)
    .map((line) => line.replace(/^\s*(?:\/\*\*|\*(?!\/))\s?|\s*\*\/$/g, '').trim());
  return lines.filter((line, index) => line !== '' || (index > 0 && index < lines.length - 1));
}

function described(comment: readonly string[], isOptional: boolean): Omit<Described, 'path'> {
  const paragraphs = comment.join('\n').split('\n\n');
  const fallback = paragraphs.find((one) => one.startsWith('@default '))?.slice('@default '.length);
  const [text = ''] = paragraphs;
  return {
    text: text.replaceAll('\n', ' ').replace(/\.$/, ''),
    fallback: fallback ?? (isOptional ? '' : 'required'),
  };
}

/** `docs/rotate-keys.md` by its name, and a heading of the same page by its own. */
function link(target: string, from: PageWithOptions): string {
  const [file = '', heading] = target.split('#');
  const isHere = file === from && heading !== undefined;
  const name = isHere ? heading : (file.split('/').at(-1) ?? file).replace(/\.md$/, '');
  return `[${name.replaceAll('-', ' ')}](${isHere ? `#${heading}` : target.replace(from.replace(/[^/]+$/, ''), '')})`;
}
