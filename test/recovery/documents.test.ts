import type { EvidenceItem } from '../../lib/account/recovery';
import {
  createDocuments,
  judgeDocument,
  keepDocument,
  readDocument,
  sweepDocuments,
} from '../../lib/recovery/documents';
import { memoryEvidence } from '../../lib/stores/memory-evidence';
import { days, fakeClock } from '../support/clock';
import { aJpeg, aPdf } from '../support/documents';

const reference = 'RA-BCDFGHJKMN';

function office() {
  const store = memoryEvidence();
  const rules = { store, maxBytes: 10_000, maxFiles: 2, keepDays: 30 };
  const items: EvidenceItem[] = [];
  const { now, move } = fakeClock();
  const request = { reference, evidence: items };
  const keep = async (bytes: Buffer) => {
    const kept = await keepDocument(rules, request, bytes, now());
    if (kept.ok) items.push({ id: `item-${items.length}`, kind: 'identity', at: now(), file: kept.file });
    return kept;
  };
  return { store, rules, items, request, keep, now, move };
}

const idsOf = (items: readonly Pick<EvidenceItem, 'file'>[]): string[] =>
  items.flatMap(({ file }) => file?.id ?? []);

describe('The documents of a request', () => {
  it('I12, check 63: are kept, read again by its items, and gone when it is decided', async () => {
    const { store, rules, items, request, keep } = office();
    expect(await keep(aPdf)).toMatchObject({
      ok: true,
      file: { type: 'application/pdf', bytes: aPdf.length },
    });
    expect(await keep(aJpeg)).toMatchObject({ ok: true, file: { type: 'image/jpeg' } });
    const [pdf] = items;
    if (pdf === undefined) throw new Error('nothing was kept');
    expect(await readDocument(rules, request, pdf)).toMatchObject({ reference, bytes: aPdf });
    await createDocuments(rules).drop(idsOf(items));
    for (const { file } of items) expect(await store.get(file?.id ?? '')).toBeNull();
    expect(await readDocument(rules, request, pdf)).toBeNull();
  });

  it('I12: are no more than so many, no bigger than so big, and of a type that can be shown', async () => {
    const { keep } = office();
    const tooBig = Buffer.concat([aPdf, Buffer.alloc(10_000)]);
    expect(await keep(tooBig)).toMatchObject({ code: 'malformed', field: 'file', reason: 'file_large' });
    expect(await keep(Buffer.from('x'))).toMatchObject({ field: 'file', reason: 'file_type' });
    await keep(aPdf);
    await keep(aPdf);
    expect(await keep(aPdf)).toMatchObject({ code: 'malformed', field: 'file', reason: 'file_many' });
  });

  it('count only where there is a file', () => {
    const { rules, now } = office();
    const evidence = Array.from({ length: 5 }, () => ({ id: 'x', kind: 'invoice', at: now() }) as const);
    expect(judgeDocument(rules, { evidence }, aPdf)).toEqual({ ok: true, type: 'application/pdf' });
  });

  it('are not shown for the request of somebody else', async () => {
    const { rules, items, keep } = office();
    await keep(aPdf);
    expect(await readDocument(rules, { reference: 'RA-XXXXXXXXXX' }, { ...items[0] })).toBeNull();
  });

  it('I12: are swept once no open request can have them, and the days to keep them are over', async () => {
    const { rules, items, request, keep, now, move } = office();
    await keep(aPdf);
    move(89 * days);
    expect(await sweepDocuments(rules, now())).toBe(0);
    expect(await readDocument(rules, request, { ...items[0] })).not.toBeNull();
    move(2 * days);
    expect(await sweepDocuments(rules, now())).toBe(1);
  });

  it('are unavailable where the store fails, whatever it throws, and the others are deleted all the same', async () => {
    const { store, rules, items, keep, request, now } = office();
    await keep(aPdf);
    await keep(aPdf);
    const [one, other] = items;
    const failing = {
      ...rules,
      store: {
        put: () => Promise.reject(new Error('ENOSPC: /var/lib/evidence')),
        get: () => Promise.reject(new TypeError('x')),
        sweep: () => Promise.reject(new Error('x')),
        remove: (id: string) => (id === one?.file?.id ? Promise.reject(new Error('x')) : store.remove(id)),
      },
    };
    const unavailable = { code: 'unavailable', message: expect.not.stringContaining('/var') };
    const empty = { ...request, evidence: [] };
    await expect(keepDocument(failing, empty, aPdf, now())).rejects.toMatchObject(unavailable);
    await expect(readDocument(failing, request, { ...one })).rejects.toMatchObject(unavailable);
    await expect(sweepDocuments(failing, now())).rejects.toMatchObject(unavailable);
    // What can't be removed now is swept later, and holds up nobody.
    await createDocuments(failing).drop(idsOf(items));
    expect(await store.get(other?.file?.id ?? '')).toBeNull();
    expect(await store.get(one?.file?.id ?? '')).not.toBeNull();
  });
});
