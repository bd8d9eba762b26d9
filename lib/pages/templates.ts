import { compile } from 'ejs';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { SecondFactorError } from '../errors';

/** Renders one template or partial, with its locals. */
export type Templates = (name: string, locals: Readonly<Record<string, unknown>>) => string;

type Compiled = (locals: Readonly<Record<string, unknown>>) => string;

/**
 * Every template in `folder`, replaced by those with the same name in `replacements`, which are compiled here: a mistake
 * in one stops the start. Nothing is read after this. `include('/partials/head')` in a template is relative to the root,
 * and finds a replaced partial too.
 */
export function loadTemplates(folder: string, replacements?: string): Templates {
  const templates = new Map(ours(folder));
  for (const name of replacements === undefined ? [] : namesIn(replacements)) {
    if (!templates.has(name)) throw unknownTemplate(name, [...templates.keys()]);
    templates.set(name, compileFile(join(replacements ?? folder, `${name}.ejs`)));
  }
  const render: Templates = (name, locals) => {
    const template = templates.get(name.replace(/^\//, ''));
    if (template === undefined) throw unknownTemplate(name, [...templates.keys()]);
    const include = (other: string, more?: Readonly<Record<string, unknown>>) =>
      render(other, { ...locals, ...more });
    return template({ ...locals, include });
  };
  return render;
}

const read = new Map<string, ReadonlyMap<string, Compiled>>();

/** Read once in the process, and each compiled when the first page needs it. */
function ours(folder: string): ReadonlyMap<string, Compiled> {
  const before = read.get(folder);
  if (before) return before;
  const templates = new Map(
    namesIn(folder).map((name) => {
      const filename = join(folder, `${name}.ejs`);
      const text = readFileSync(filename, 'utf8');
      let compiled: Compiled | undefined;
      const template: Compiled = (locals) => (compiled ??= compile(text, { filename }))(locals);
      return [name, template];
    }),
  );
  read.set(folder, templates);
  return templates;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ejs'))
      .map((file) => file.slice(0, -'.ejs'.length).split(sep).join('/'));
  } catch {
    throw new SecondFactorError(
      'bad_option',
      `views: the folder ${folder} cannot be read.`,
      'Set views to the absolute path of a folder with the EJS files that replace ours.',
    );
  }
}

function compileFile(filename: string): Compiled {
  try {
    return compile(readFileSync(filename, 'utf8'), { filename });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SecondFactorError(
      'bad_option',
      `views: ${filename} does not compile: ${reason}`,
      'Fix that file, or remove it from the folder to use ours.',
    );
  }
}

function unknownTemplate(name: string, known: readonly string[]): SecondFactorError {
  return new SecondFactorError(
    'bad_option',
    `views: there is no template "${name}".`,
    `The templates are: ${known.toSorted().join(', ')}.`,
  );
}

/** Some of our files that no app has by chance: a bundle may be two folders below the views of its app. */
const SOME = ['partials/tokens.ejs', 'security.css'];

/** Our templates, styles and scripts. The path is the same from lib/pages and from dist/lib/pages. */
export function ownViews(): string {
  // A bundle may be an ES module, which has no `__dirname`.
  const folder = typeof __dirname === 'string' ? join(__dirname, '../../views') : null;
  if (folder !== null && SOME.every((file) => existsSync(join(folder, file)))) return folder;
  throw new SecondFactorError(
    'wrong_setup',
    'The page templates are not next to the code: express-second-factor was bundled.',
    'Keep it out of the bundle (esbuild: --external:express-second-factor) and install it where the app runs: docs/bundled-servers.md.',
  );
}
