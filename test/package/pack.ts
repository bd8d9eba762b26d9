import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const root = join(__dirname, '../..');

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

/** An app of its own directory that has the packed package, as npm lays it out, and nothing but what is named. */
export class Consumer {
  readonly dir: string;

  constructor({ tarball }: Packed, type: 'commonjs' | 'module', packages: readonly string[]) {
    this.dir = mkdtempSync(join(dirname(tarball), 'consumer-'));
    const target = join(this.dir, 'node_modules', 'express-second-factor');
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
    for (const name of packages) {
      const link = join(this.dir, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), link);
    }
    this.write('package.json', JSON.stringify({ name: 'consumer', private: true, type }));
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
