import { randomBytes } from 'node:crypto';
import type { EvidenceDocument, EvidenceStore } from '../../lib/stores/evidence';

export interface EvidenceSubject {
  /** Empty, and nobody else's. */
  readonly evidence: EvidenceStore;
  close(): Promise<void>;
}

const START = Date.UTC(2026, 10, 24, 12);
const DAY = 86_400_000;

/** What every evidence store must do. `open` is called before each test. */
export function evidenceContract(name: string, open: () => Promise<EvidenceSubject>): void {
  describe(`${name}, as EvidenceStore`, () => {
    let subject: EvidenceSubject;
    let evidence: EvidenceStore;
    beforeEach(async () => {
      subject = await open();
      evidence = subject.evidence;
    });
    afterEach(() => subject.close());

    it('has nothing that was not put into it', async () => {
      expect(await evidence.get(aDocument().id)).toBeNull();
    });

    it('gives back each document as it was, whatever its bytes', async () => {
      const all = [
        aDocument(),
        aDocument({ type: 'image/png', bytes: Buffer.alloc(0) }),
        aDocument({ type: 'image/jpeg', bytes: Buffer.from('\n{"id":"x"}\n\0\r\n') }),
        aDocument({ bytes: randomBytes(2_000_000) }),
      ];
      await Promise.all(all.map((one) => evidence.put(one)));
      for (const one of all) expect(await evidence.get(one.id)).toEqual(one);
    });

    it('has a document once, however often it is put', async () => {
      const document = aDocument({ at: START });
      await Promise.all([evidence.put(document), evidence.put(document)]);
      await evidence.put(document);
      expect(await evidence.get(document.id)).toEqual(document);
      expect(await evidence.sweep(START + 1)).toBe(1);
    });

    it('deletes one document, and no other', async () => {
      const [one, other] = [aDocument(), aDocument()];
      await evidence.put(one);
      await evidence.put(other);
      await evidence.remove(one.id);
      expect(await evidence.get(one.id)).toBeNull();
      expect(await evidence.get(other.id)).toEqual(other);
    });

    it('does not mind deleting what is not there', async () => {
      await evidence.remove(aDocument().id);
    });

    it('deletes what was sent before a moment, by the time that the documents say', async () => {
      const old = [aDocument({ at: START }), aDocument({ at: START + DAY })];
      const young = [aDocument({ at: START + 2 * DAY }), aDocument({ at: START + 400 * DAY })];
      for (const document of [...old, ...young]) await evidence.put(document);
      expect(await evidence.sweep(START + 2 * DAY)).toBe(2);
      expect(await evidence.sweep(START + 2 * DAY)).toBe(0);
      for (const { id } of old) expect(await evidence.get(id)).toBeNull();
      for (const document of young) expect(await evidence.get(document.id)).toEqual(document);
    });

    it('takes two sweeps at once, and what is put and removed meanwhile', async () => {
      const old = Array.from({ length: 12 }, () => aDocument({ at: START }));
      for (const document of old) await evidence.put(document);
      const late = aDocument({ at: START + DAY });
      const [one, other] = await Promise.all([
        evidence.sweep(START + DAY),
        evidence.sweep(START + DAY),
        evidence.put(late),
        evidence.remove(old[5]?.id ?? ''),
      ]);
      expect(one + other).toBeGreaterThanOrEqual(11);
      for (const { id } of old) expect(await evidence.get(id)).toBeNull();
      expect(await evidence.get(late.id)).toEqual(late);
    });

    it.each(['', '..', '../../etc/passwd', 'a/b', '\0', 'x'.repeat(5_000)])(
      'has nothing under an id that is none: %p',
      async (id) => {
        expect(await evidence.get(id)).toBeNull();
        await evidence.remove(id);
      },
    );

    it('is not changed by what callers do to the bytes they gave or got', async () => {
      const bytes = Buffer.from('%PDF-1.7');
      const { id } = aDocument();
      await evidence.put(aDocument({ id, bytes }));
      bytes.fill(0);
      (await evidence.get(id))?.bytes.fill(0);
      expect((await evidence.get(id))?.bytes.toString()).toBe('%PDF-1.7');
    });
  });
}

export const aDocument = (more: Partial<EvidenceDocument> = {}): EvidenceDocument => ({
  id: randomBytes(16).toString('base64url'),
  reference: 'RA-BCDFGHJKMN',
  type: 'application/pdf',
  bytes: Buffer.from('%PDF-1.7 Příliš žluťoučký'),
  at: START,
  ...more,
});
