import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const root = join(__dirname, '../..');

export const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as {
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
};
/** What the package may load. */
export const declared = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];

export interface Packed {
  readonly tarball: string;
  /** The paths in it, without the leading `package/`. */
  readonly files: readonly string[];
}

/** `npm pack`, which builds first (and does nothing if dist is of these very sources). */
export function pack(dir: string): Packed {
  const args = ['pack', '--json', '--pack-destination', dir];
  const printed = execFileSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // What the build prints comes first.
  const [packed] = JSON.parse(printed.slice(printed.indexOf('[\n'))) as {
    filename: string;
    files: { path: string }[];
  }[];
  if (packed === undefined) throw new Error(`npm pack printed: ${printed}`);
  return {
    tarball: join(dir, packed.filename),
    files: packed.files.map(({ path }) => path),
  };
}

/**
 * `empty`: for the app to install it. `hoisted`: as npm lays packages out, each sees all that the app has. `strict`: as pnpm does in a workspace with
 * `hoist=false`, where the package sees what it declares and nothing of the app's own.
 */
export type Layout = 'empty' | 'hoisted' | 'strict';

/** An app of its own directory that has the packed package, and nothing but what is named. */
export class Consumer {
  readonly dir: string;

  constructor(
    { tarball }: Packed,
    type: 'commonjs' | 'module',
    packages: readonly string[],
    layout: Layout = 'hoisted',
  ) {
    const workspace = mkdtempSync(join(dirname(tarball), 'consumer-'));
    this.dir = layout === 'strict' ? join(workspace, 'apps/one') : workspace;
    const own = join(this.dir, 'node_modules');
    mkdirSync(own, { recursive: true });
    for (const name of new Set(packages)) this.link(own, name);
    if (layout === 'strict') {
      const store = join(workspace, 'node_modules/.store/one/node_modules');
      this.unpack(tarball, store);
      for (const name of declared) this.link(store, name);
      symlinkSync(join(store, 'express-second-factor'), join(own, 'express-second-factor'));
    } else if (layout === 'hoisted') this.unpack(tarball, own);
    this.write('package.json', JSON.stringify({ name: 'consumer', private: true, type }));
  }

  private unpack(tarball: string, into: string): void {
    const target = join(into, 'express-second-factor');
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
  }

  private link(into: string, name: string): void {
    const link = join(into, name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }

  write(file: string, content: string): void {
    mkdirSync(dirname(join(this.dir, file)), { recursive: true });
    writeFileSync(join(this.dir, file), content);
  }

  node(...args: string[]): string {
    return this.run(process.execPath, args);
  }

  /** What it printed; a failure throws with all of it. */
  run(command: string, args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: this.dir,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: tmpdir() },
      timeout: 120_000,
    });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}:\n${stdout}${stderr}`);
    return stdout;
  }
}
