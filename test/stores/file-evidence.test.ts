import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EvidenceStore } from '../../lib/stores/evidence';
import { fileEvidence } from '../../lib/stores/file-evidence';
import { aDocument, evidenceContract } from '../contracts/evidence.contract';

const [older, newer] = ['11'.repeat(32), '22'.repeat(32)];
const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'evidence-'));
const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

evidenceContract('fileEvidence', async () => {
  const directory = await newFolder();
  return { evidence: fileEvidence({ directory, keys: [older] }), close: () => remove(directory) };
});

describe('A folder of evidence', () => {
  let home: string;
  let directory: string;
  let evidence: EvidenceStore;
  beforeEach(async () => {
    home = await newFolder();
    directory = join(home, 'below', 'evidence');
    evidence = fileEvidence({ directory, keys: [older] });
  });
  afterEach(() => remove(home));

  const names = (): Promise<string[]> => readdir(directory);
  const onlyFile = async (): Promise<string> => join(directory, (await names())[0] ?? '');

  it('is made for its owner alone, and so is each file', async () => {
    await evidence.put(aDocument());
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(await onlyFile())).mode & 0o777).toBe(0o600);
  });

  it('shows to nobody without a key what is in it', async () => {
    const document = aDocument();
    await evidence.put(document);
    const stored = await readFile(await onlyFile(), 'latin1');
    for (const secret of ['%PDF', document.reference, document.type]) {
      expect(stored).not.toContain(secret);
      expect(stored).not.toContain(Buffer.from(secret).toString('base64url').slice(0, -2));
    }
    expect(await names()).toEqual([`${document.id}.sealed`]);
  });

  it('is read with each key of the ring, and by none that is not in it', async () => {
    const document = aDocument();
    await evidence.put(document);
    const rotated = fileEvidence({ directory, keys: [newer, older] });
    expect(await rotated.get(document.id)).toEqual(document);
    const other = fileEvidence({ directory, keys: [newer] });
    await expect(other.get(document.id)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it.each<[what: string, spoil: (stored: string) => string]>([
    ['changed', (stored) => stored.replace(/.(?=.{50}$)/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['cut short', (stored) => stored.slice(0, 20)],
    ['emptied', () => ''],
    ['replaced', () => '%PDF-1.7'],
  ])('gives no document that was %s', async (_what, spoil) => {
    const { id } = aDocument();
    await evidence.put(aDocument({ id }));
    const file = await onlyFile();
    await writeFile(file, spoil(await readFile(file, 'latin1')));
    await expect(evidence.get(id)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('gives no document under the name of another', async () => {
    const [one, other] = [aDocument(), aDocument()];
    await evidence.put(one);
    await rename(join(directory, `${one.id}.sealed`), join(directory, `${other.id}.sealed`));
    await expect(evidence.get(other.id)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is unavailable while it is missing, for everything: nobody knows what was in it', async () => {
    const document = aDocument();
    await evidence.put(document);
    await rename(directory, `${directory}-away`);
    const asked = [
      evidence.get(document.id),
      evidence.put(aDocument()),
      evidence.remove(document.id),
      evidence.sweep(0),
    ];
    for (const one of asked)
      await expect(one).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.not.stringContaining(directory),
      });
    await rename(`${directory}-away`, directory);
    expect(await evidence.get(document.id)).toEqual(document);
  });

  it('keeps nothing of a document that it has no room for', async () => {
    // As if it were full: nothing can be given its name.
    const document = aDocument();
    await mkdir(join(directory, `${document.id}.sealed`));
    await expect(evidence.put(document)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await names()).toEqual([`${document.id}.sealed`]);
  });

  it('is rid of what a process that died has left half written, and keeps what is not its own', async () => {
    await evidence.put(aDocument({ at: 1 }));
    const { id } = aDocument();
    await writeFile(join(directory, `${id}.0123456789ab.part`), 'half');
    await writeFile(join(directory, 'README'), 'not ours');
    expect(await evidence.sweep(Date.now() + 60_000)).toBe(1);
    expect(await names()).toEqual(['README']);
  });

  it('takes no id that is none', async () => {
    for (const id of ['../../x', `${randomBytes(16).toString('base64url')}/x`])
      await expect(evidence.put(aDocument({ id }))).rejects.toThrow('not the id of a document');
    expect(await names()).toEqual([]);
  });

  it('that exists already keeps the rights that it has', async () => {
    await chmod(directory, 0o750);
    await fileEvidence({ directory, keys: [older] }).put(aDocument());
    expect((await stat(directory)).mode & 0o777).toBe(0o750);
  });
});
