import { compile } from 'ejs';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { SecondFactorError } from '../errors';

/** Renders one template or partial, with its locals. */
export type Templates = (name: string, locals: Readonly<Record<string, unknown>>) => string;

type Compiled = (locals: Readonly<Record<string, unknown>>) => string;

/**
 * Compiles every template in `folder`, replaced by those with the same name in `replacements`. Nothing is read or
 * compiled after this. `include('/partials/head')` in a template is relative to the root, and finds a replaced partial
 * too.
 */
export function loadTemplates(folder: string, replacements?: string): Templates {
  const files = new Map(namesIn(folder).map((name) => [name, folder]));
  for (const name of replacements === undefined ? [] : namesIn(replacements)) {
    if (!files.has(name)) throw unknownTemplate(name, [...files.keys()]);
    files.set(name, replacements ?? folder);
  }
  const compiled = new Map([...files].map(([name, from]) => [name, compileFile(from, name)]));
  const render: Templates = (name, locals) => {
    const template = compiled.get(name.replace(/^\//, ''));
    if (template === undefined) throw unknownTemplate(name, [...compiled.keys()]);
    const include = (other: string, more?: Readonly<Record<string, unknown>>) =>
      render(other, { ...locals, ...more });
    return template({ ...locals, include });
  };
  return render;
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

/** By file and text, so that a second `secondFactor()` in the process has nothing to compile (tests make many). */
const compiledBefore = new Map<string, { readonly text: string; readonly compiled: Compiled }>();

function compileFile(folder: string, name: string): Compiled {
  const filename = join(folder, `${name}.ejs`);
  try {
    const text = readFileSync(filename, 'utf8');
    const before = compiledBefore.get(filename);
    if (before?.text === text) return before.compiled;
    const compiled = compile(text, { filename });
    compiledBefore.set(filename, { text, compiled });
    return compiled;
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
