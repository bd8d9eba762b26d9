import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, isExecutable, isOnPath, root, run } from './run.mjs';

const VENV = join(root, '.venv');
const STAMP = join(VENV, '.complete');
const REQUIREMENTS = join(root, 'scripts', 'mongo-server.txt');
const SERVER = 'secantusdb==0.7.0b3';
const PIP_OPTIONS = ['--quiet', '--no-input', '--disable-pip-version-check', '--only-binary', ':all:'];
/** The platform for whose wheels the requirements file has hashes. */
const HASHED = 'cpython 3.11 linux x86_64';

/** Debian's Python before any other, so that two users of one machine get the same one. */
const python = isExecutable('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** Whether this Python can make virtual environments (on Debian that is a package of its own). */
export const canMakeVenv = () => ask(python, ['-c', 'import venv, ensurepip']) !== undefined;

/** Without a `mongod` on the PATH, installs the server of docs/testing.md into the project's `.venv`. */
export function ensureMongoServer() {
  if (isOnPath('mongod')) return;
  const wanted = fingerprint();
  if (isComplete(wanted)) return;

  console.log(`installing ${SERVER}, the MongoDB-protocol server of the tests, into .venv`);
  rmSync(VENV, { recursive: true, force: true });
  run(python, ['-m', 'venv', VENV]);
  const what = platform() === HASHED ? ['--require-hashes', '--requirement', REQUIREMENTS] : [SERVER];
  run(join(VENV, 'bin', 'python'), ['-m', 'pip', 'install', ...PIP_OPTIONS, ...what]);
  writeFileSync(STAMP, wanted);
}

/** The stamp is written last, so an environment that was left incomplete is made again. */
function isComplete(wanted) {
  try {
    return (
      readFileSync(STAMP, 'utf8') === wanted && ask(join(VENV, 'bin', 'python'), ['--version']) !== undefined
    );
  } catch {
    return false;
  }
}

/** An environment is tied to its path, its interpreter and its requirements. */
function fingerprint() {
  const requirements = readFileSync(REQUIREMENTS, 'utf8');
  return createHash('sha256').update([VENV, platform(), requirements].join('\n')).digest('hex');
}

function platform() {
  const line =
    "'%s %d.%d %s %s' % (sys.implementation.name, *sys.version_info[:2], sys.platform, os.uname().machine)";
  return ask(python, ['-c', `import os, sys; print(${line})`]);
}
