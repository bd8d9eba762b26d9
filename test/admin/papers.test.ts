import { memoryEvidence } from '../../lib';
import { createDocuments } from '../../lib/recovery/documents';
import { aPdf } from '../support/documents';
import { adminHost, base, reason } from './a-desk';

const evidence = { store: memoryEvidence(), maxBytes: 1_000_000, maxFiles: 4, keepDays: 30 };
const desk = () =>
  adminHost({
    options: {
      lostAccess: {
        form: { operator: ['Test'], sendTo: 'help@example.com' },
        requests: {},
        evidence: { store: evidence.store },
      },
    },
  });
const address = 'Ann Example\nHigh Street 1\n100 00 Prague';

describe('A letter with a code', () => {
  it('is printed once for a fresh code, and by nobody who decides afterwards', async () => {
    const host = await desk();
    const { reference } = await host.put('ann', { evidence: [] });
    const rita = await host.at('rita');
    const url = `${base}/requests/${reference}`;
    for (const [field, sent] of [
      ['reason', { address }],
      ['address', { reason }],
      ['address', { reason, address: 'x\n'.repeat(9) }],
    ] as const) {
      const { body } = await rita.post(`${url}/letter`, sent).expect(400);
      expect(body).toMatchObject({ error: { code: 'malformed', field } });
    }
    const { body, headers } = await rita.post(`${url}/letter`, { reason, address }).expect(200);
    expect(headers['content-type']).toBe('application/pdf');
    expect(
      Buffer.from(body as Buffer)
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    const [request] = (await host.accountOf('ann')).recoveries ?? [];
    expect(request?.letter).toMatchObject({ by: 'id-rita', until: host.clock.now() + 21 * 86_400_000 });
    await rita.post(`${url}/recommend`, { reason, accountName: 'ann' }).expect(403);
    const audra = await host.at('audra');
    await audra.post(`${url}/letter`, { reason, address }).expect(403);
  });
});

describe('A document', () => {
  it('check 63: is shown as a download to whoever handles the request, and who looked at it is on record', async () => {
    const host = await desk();
    const kept = await createDocuments(evidence).keep(
      { evidence: [], reference: 'RA-ABCDEFGHJM' },
      aPdf,
      host.clock.now(),
    );
    if (!kept.ok) throw new Error(kept.code);
    const item = { id: 'paper', kind: 'identity', at: 0, file: kept.file } as const;
    const { reference } = await host.put('ann', { evidence: [item], reference: 'RA-ABCDEFGHJM' });
    const url = `${base}/requests/${reference}/evidence`;
    const rolf = await host.at('rolf');
    // Asking about it, or a link elsewhere, is no look.
    await rolf.agent.head(`${base}/requests/${reference}/evidence/paper/document`).expect(200);
    for (const site of ['cross-site', 'same-site'])
      await rolf
        .page(`${url}/paper/document`)
        .set({ 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' })
        .expect(403);
    expect((await host.accountOf('ann')).audit).toBeUndefined();
    const { headers } = await rolf
      .page(`${url}/paper/document`)
      .set({ 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' })
      .expect(200);
    expect(headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': expect.stringContaining('attachment'),
      'x-content-type-options': 'nosniff',
    });
    await rolf.get(`${url}/other/document`).expect(404);
    const audra = await host.at('audra');
    await audra.get(`${url}/paper/document`).expect(403);
    const boss = await host.at('boss');
    const { body } = await boss.get(`${base}/users/id-ann/audit`).expect(200);
    const { records } = body as { records: { action: string; actor: string }[] };
    expect(records.at(-1)).toMatchObject({ action: 'request.read-document', actor: 'id-rolf' });
  });
});
