import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Sealed } from '../account/account';
import { createKeyRing } from '../crypto/key-ring';
import { createSeal, type Seal } from '../crypto/seal';
import { errorField } from '../errors';
import { bad, requireOptions, textOf } from '../options/checks';
import { cureOf } from '../options/table';
import { type EvidenceDocument, type EvidenceStore, isDocumentId } from './evidence';
import { evidenceDown } from './store-errors';

export interface FileEvidenceOptions {
  /** A folder for nothing else, as an absolute path, out of reach of your web server. It is made if it is missing. */
  readonly directory: string;
  /** The same keys as those of `secondFactor()`: documents are sealed with the first. */
  readonly keys: readonly (string | undefined)[];
}

/**
 * Documents as sealed files in a folder: for a single server, such as the example app's.
 *
 * @throws SecondFactorError `bad_option` also where the folder is missing and cannot be made
 */
export function fileEvidence(options: FileEvidenceOptions): EvidenceStore {
  requireOptions('fileEvidence', options);
  const seal = createSeal(createKeyRing(options.keys, 'fileEvidence.keys'));
  return new FileEvidence(folder(options.directory), seal);
}

const SEALED = /^[\w-]{22,64}\.sealed$/;
/** Being written. */
const PART = /^[\w-]{22,64}\.[\da-f]{12}\.part$/;

class FileEvidence implements EvidenceStore {
  constructor(
    private readonly directory: string,
    private readonly seal: Seal,
  ) {}

  async put({ bytes, ...about }: EvidenceDocument): Promise<void> {
    const { id, at } = about;
    if (!isDocumentId(id)) throw new TypeError('not the id of a document');
    const plain = Buffer.concat([Buffer.from(`${JSON.stringify(about)}\n`), bytes]);
    const sealed = this.seal.close(plain, contextOf(id));
    await this.orDown(async () => {
      const part = join(this.directory, `${id}.${randomBytes(6).toString('hex')}.part`);
      try {
        await write(part, sealed, at);
        await rename(part, this.path(id));
      } catch (error) {
        await rm(part, { force: true }).catch(() => undefined);
        throw error;
      }
    });
  }

  async get(id: string): Promise<EvidenceDocument | null> {
    if (!isDocumentId(id)) return null;
    const sealed = await this.orDown(() => this.read(id));
    if (sealed === null) return null;
    const plain = this.seal.open(sealed, contextOf(id));
    const end = plain.indexOf('\n');
    const about = JSON.parse(plain.toString('utf8', 0, end)) as Omit<EvidenceDocument, 'bytes'>;
    return { ...about, bytes: plain.subarray(end + 1) };
  }

  async remove(id: string): Promise<void> {
    if (!isDocumentId(id)) return;
    await this.orDown(async () => {
      await stat(this.directory);
      await rm(this.path(id), { force: true });
    });
  }

  sweep(before: number): Promise<number> {
    return this.orDown(async () => {
      let removed = 0;
      for (const name of await readdir(this.directory)) {
        if (!(SEALED.test(name) || PART.test(name)) || !(await isOlder(join(this.directory, name), before)))
          continue;
        await rm(join(this.directory, name), { force: true });
        if (SEALED.test(name)) removed += 1;
      }
      return removed;
    });
  }

  private async read(id: string): Promise<Sealed | null> {
    try {
      return (await readFile(this.path(id), 'latin1')) as Sealed;
    } catch (error) {
      if (!isMissing(error)) throw error;
      // Where the folder is gone, nobody knows what was in it.
      await stat(this.directory);
      return null;
    }
  }

  private path(id: string): string {
    return join(this.directory, `${id}.sealed`);
  }

  /** Errors of the file system hold paths. */
  private async orDown<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch {
      throw evidenceDown();
    }
  }
}

const contextOf = (id: string) => ({ user: '', factor: id, purpose: 'evidence' }) as const;

/** Complete on the disk before it has its name. Its time is when it was sent, for `sweep`. */
async function write(path: string, sealed: Sealed, at: number): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(sealed, 'latin1');
    await file.utimes(at / 1000, at / 1000);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** One that another process has swept meanwhile is not. */
async function isOlder(path: string, before: number): Promise<boolean> {
  try {
    return (await stat(path)).mtimeMs < before;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

const isMissing = (error: unknown): boolean => errorField(error, 'code') === 'ENOENT';

function folder(given: unknown): string {
  const path = textOf('fileEvidence.directory', given);
  const cure = cureOf('fileEvidence.directory');
  if (!isAbsolute(path)) throw bad('fileEvidence.directory is not an absolute path.', cure);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch {
    throw bad('fileEvidence.directory cannot be made.', cure);
  }
  return path;
}
