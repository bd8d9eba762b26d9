import type { UserId } from '../../lib/account/account';
import type { EvidenceItem } from '../../lib/account/recovery';
import { errorCode, type BrowserAgent } from '../support/browser-agent';
import { hours } from '../support/clock';
import { fromBase32 } from '../../lib/crypto/base32';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createCheckCodes } from '../../lib/recovery/reference';
import { testKey } from '../support/host-app';
import { adminHost, type AdminHost, base, reason } from './a-desk';

const accountName = 'ann@example.com';
const verbs = ['assign', 'more-info', 'hold', 'reject', 'recommend', 'approve', 'cancel'] as const;
type Agents = Record<'boss' | 'rita' | 'rolf', BrowserAgent>;

let built: AdminHost;
let by: Agents;
beforeEach(async () => {
  built = await adminHost({
    options: {
      lostAccess: {
        form: { operator: ['Test'], sendTo: 'help@example.com' },
        requests: { liveCode: 'two-people' },
      },
    },
  });
  by = { boss: await built.at('boss'), rita: await built.at('rita'), rolf: await built.at('rolf') };
});

const code = async (asked: ReturnType<BrowserAgent['post']>): Promise<string | undefined> =>
  errorCode(await asked);
const matched: EvidenceItem = {
  id: 'invoice-2',
  kind: 'invoice',
  at: 0,
  verdict: { of: 'match', note: 'Right.', by: 'id-rita' as UserId, at: 0 },
};
const proven = (kind: 'password' | 'mail'): EvidenceItem => ({ id: kind, kind, at: 0, proven: true });
const enough = [proven('password'), proven('mail'), matched];

describe('a request', () => {
  it('I10, check 58: is approved by two people, each of whom gives the name of the account and a reason', async () => {
    const { reference } = await built.put('ann');
    const url = `${base}/requests/${reference}`;
    const say = { reason, accountName };
    const lacking = await by.rita.post(`${url}/recommend`, say).expect(422);
    expect(lacking.body.error).toMatchObject({ code: 'not_yet', missing: ['more evidence'] });
    const verdict = { verdict: 'match', note: 'Number and sum are right.' };
    const judged = await by.rita.post(`${url}/evidence/invoice-1`, verdict).expect(200);
    expect(judged.body.evidence).toMatchObject({
      sum: 3,
      missing: [],
      kinds: ['password', 'mail', 'invoice'],
    });
    expect((await by.rolf.post(`${url}/approve`, say).expect(422)).body.error.missing).toEqual([
      'the recommendation of another person',
    ]);
    for (const wrong of ['bob@example.com', 7])
      expect(
        (await by.rita.post(`${url}/recommend`, { reason, accountName: wrong })).body.error,
      ).toMatchObject({
        code: 'malformed',
        field: 'accountName',
      });
    const recommended = await by.rita.post(`${url}/recommend`, say).expect(200);
    expect(recommended.body).toMatchObject({ state: 'in_review', recommendedBy: 'id-rita' });
    expect(await code(by.rita.post(`${url}/approve`, say))).toBe('not_yet');
    const approved = await by.rolf.post(`${url}/approve`, say).expect(200);
    expect(approved.body.state).toBe('approved_waiting');
    expect(Date.parse(approved.body.earliestAt) - built.clock.now()).toBe(72 * hours);
    expect((await by.rolf.post(`${url}/approve`, say).expect(409)).body.error.state).toBe('approved_waiting');
    const { body } = await by.boss.get(`${base}/users/id-ann/audit`).expect(200);
    expect(body.records).toMatchObject([
      { actor: 'id-rita', target: 'id-ann', action: 'request.evidence', request: reference, previous: null },
      { actor: 'id-rita', action: 'request.recommend', reason },
      { actor: 'id-rolf', action: 'request.approve', reason },
    ]);
    expect(body.records[1].previous).toBe(body.records[0].hash);
  });

  it.each(verbs)(
    'can be handled by nobody who began it, named their own or vouched for it: %s',
    async (verb) => {
      const begun = await by.boss.post(`${base}/users/id-ann/reset`, { reason }).expect(201);
      expect(Object.keys(begun.body).toSorted()).toEqual(['reference', 'state']);
      const vouched = await built.put('cyd', {
        evidence: [
          ...enough,
          { id: 'v', kind: 'voucher', at: 0, proven: true, vouchedBy: 'id-boss' as UserId },
        ],
      });
      for (const reference of [begun.body.reference, vouched.reference])
        expect(await code(by.boss.post(`${base}/requests/${reference}/${verb}`, {}))).toBe('forbidden');
    },
  );

  it('is recommended anew where a verdict that counted was taken back', async () => {
    const { reference } = await built.put('ann', { evidence: [...enough, { ...matched, id: 'invoice-3' }] });
    const url = `${base}/requests/${reference}`;
    const say = { reason, accountName };
    const judge = (id: string, verdict: string) =>
      by.rolf.post(`${url}/evidence/${id}`, { verdict, note: 'Not in our books.' }).expect(200);
    await by.rita.post(`${url}/recommend`, say).expect(200);
    expect((await judge('invoice-3', 'match')).body).toMatchObject({ recommendedBy: 'id-rita' });
    // There is enough without it, but not all that Rita has seen.
    expect((await judge('invoice-2', 'no_match')).body).toMatchObject({ recommendedBy: null });
    const refused = await by.rolf.post(`${url}/approve`, say).expect(422);
    expect(refused.body.error.missing).toEqual(['the recommendation of another person']);
    await by.rita.post(`${url}/recommend`, say).expect(200);
    await by.rolf.post(`${url}/approve`, say).expect(200);
  });

  it('of staff is nothing for a reviewer', async () => {
    const { reference } = await built.put('rolf', { evidence: enough });
    expect(await code(by.rita.post(`${base}/requests/${reference}/recommend`, {}))).toBe('forbidden');
    await by.boss.post(`${base}/requests/${reference}/assign`, { reason }).expect(200);
  });

  it('is found by reference and check code, and by its state, page by page', async () => {
    const { reference } = await built.put('ann', { state: 'on_hold' });
    await built.put('cyd');
    const { body } = await by.rita.get(`${base}/requests`).expect(200);
    expect(body.requests).toHaveLength(2);
    const held = await by.rita.get(`${base}/requests?state=on_hold`).expect(200);
    expect(held.body.requests).toMatchObject([{ reference, state: 'on_hold' }]);
    for (const [query, field] of [
      ['state=nonsense', 'state'],
      ['after=nonsense', 'after'],
      [`reference=${reference}&check=AAAAAA`, 'check'],
    ])
      expect((await by.rita.get(`${base}/requests?${query}`).expect(400)).body.error).toMatchObject({
        code: 'malformed',
        field,
      });
  });

  it('of somebody whom the app has deleted is not found, and keeps nobody from the others', async () => {
    const { reference } = await built.put('ann');
    await built.put('cyd');
    for (const [key, { id }] of built.users) if (id === 'id-ann') built.users.delete(key);
    const { body } = await by.rita.get(`${base}/requests`).expect(200);
    expect(body.requests).toMatchObject([{ user: { id: 'id-cyd' } }]);
    const check = createCheckCodes(createKeyRing([testKey])).of(reference);
    const onForm = await by.rita.get(`${base}/requests?reference=${reference}&check=${check}`).expect(200);
    expect(onForm.body.requests).toEqual([]);
    await by.rita.get(`${base}/requests/${reference}`).expect(404);
  });

  it('is on one of the pages, even behind a whole page of people whom the app has deleted', async () => {
    for (let user = 10; user < 61; user += 1) await built.put(`gone-${user}`);
    built.users.set('zoe', { id: 'id-zoe', name: 'zoe' });
    await built.put('zoe');
    const first = await by.rita.get(`${base}/requests`).expect(200);
    expect(first.body.requests).toEqual([]);
    const next = encodeURIComponent(first.body.next);
    const second = await by.rita.get(`${base}/requests?after=${next}`).expect(200);
    expect(second.body).toMatchObject({ requests: [{ user: { id: 'id-zoe' } }], next: null });
  });
});

describe('a reset', () => {
  it('is a request that opens nothing, whose link goes to the mail address on file', async () => {
    const { body } = await by.boss.post(`${base}/users/id-ann/reset`, { reason }).expect(201);
    expect(body).toMatchObject({ state: 'awaiting_evidence' });
    await built.twoFactor.tick();
    const answer = built.mails().find(({ text }) => text.includes('/2fa/lost/requests/'));
    expect(answer?.to).toBe('ann@example.com');
    expect(answer?.text).toContain(body.reference);
    const again = await by.boss.post(`${base}/users/id-ann/reset`, { reason }).expect(409);
    expect(again.body.error).toMatchObject({ code: 'conflict', state: 'awaiting_evidence' });
    const { body: one } = await by.rita.get(`${base}/requests/${body.reference}`).expect(200);
    expect(one).toMatchObject({
      begunBy: 'id-boss',
      flags: ['begun_by_staff'],
      evidence: { sum: 0, items: [] },
    });
  });

  it('says which of all that keeps it from beginning, as JSON and on the page', async () => {
    const refused = async (name: string) => {
      const { body } = await by.boss.post(`${base}/users/id-${name}/reset`, { reason }).expect(409);
      const page = await by.boss.page(`${base}/users/id-${name}`).expect(200);
      const form_token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
      const again = await by.boss.form(`${base}/users/id-${name}/reset`, { reason, form_token }).expect(422);
      return [String(body.error.state), /role="alert"[^]*?<\/div>/.exec(again.text)?.[0] ?? ''];
    };
    expect(
      (await by.boss.post(`${base}/users/id-bob/reset`, { reason }).expect(409)).body.error.message,
    ).toBe('This user has no second factor, so there is nothing to reset.');
    const never = { never: true, wait: 0, needs: [] };
    await built.change('cyd', (account) => ({ ...account, ownerRules: never }));
    expect(await refused('cyd')).toEqual(['never', expect.stringContaining('ruled out requests for access')]);
    const pausedUntil = built.clock.now() + 72 * hours;
    await built.change('cyd', (account) => ({
      ...account,
      ownerRules: { ...never, never: false, pausedUntil },
    }));
    expect(await refused('cyd')).toEqual(['paused', expect.stringContaining('no requests for a while')]);
    await built.put('ann', { state: 'on_hold' });
    expect(await refused('ann')).toEqual(['on_hold', expect.stringContaining('is open or on hold')]);
  });

  it('of many answers for each', async () => {
    const ids = ['id-ann', 'id-bob', 'id-nobody', 'id-boss'];
    const { body } = await by.boss.post(`${base}/users/reset`, { ids, reason }).expect(200);
    expect(body.results).toMatchObject([
      { id: 'id-ann', state: 'awaiting_evidence' },
      { id: 'id-bob', error: { code: 'conflict', message: expect.stringContaining('no second factor') } },
      { id: 'id-nobody', error: { code: 'not_found' } },
      { id: 'id-boss', error: { code: 'forbidden' } },
    ]);
    await by.boss.post(`${base}/users/reset`, { ids: [], reason }).expect(400);
    expect(await code(by.rita.post(`${base}/users/reset`, { ids, reason }))).toBe('forbidden');
  });
});

describe('what an administrator does to an account', () => {
  it('suspends a factor: it proves nothing, and its user still owes one', async () => {
    const ann = await built.signedIn('ann');
    const { body } = await by.boss.get(`${base}/users/id-ann`);
    const [{ id: factorId }] = body.factors;
    await by.boss.post(`${base}/users/id-ann/suspend`, { factorId: 'nothing', reason }).expect(404);
    await by.boss.post(`${base}/users/id-ann/suspend`, { factorId, reason }).expect(200);
    expect((await ann.get('/me', 'image/*')).body.user).toBeNull();
    expect((await by.boss.get(`${base}/users/id-ann`)).body).toMatchObject({
      enabled: true,
      factors: [{ id: factorId, suspended: true }],
    });
    const again = built.visitor();
    await again.signIn('ann').expect(401);
    await again
      .post('/2fa/totp', { code: built.code('ann') })
      .expect((res) => expect(res.status).not.toBe(200));
    await built.twoFactor.tick();
    expect(built.mails().some(({ to }) => to === 'ann@example.com')).toBe(true);
  });

  it('ends logins, and gives back tries', async () => {
    const ann = await built.signedIn('ann');
    await by.boss.post(`${base}/users/id-ann/end-logins`, { reason }).expect(200, { status: 'logins_ended' });
    expect((await ann.get('/me', 'image/*')).body.user).toBeNull();
    const guesser = built.visitor();
    await guesser.signIn('ann').expect(401);
    await guesser.post('/2fa/totp', { code: '000000' });
    expect((await by.boss.get(`${base}/users/id-ann`)).body.lanes.others.left).toBe(9);
    await by.boss.post(`${base}/users/id-ann/unlock`, { reason }).expect(200);
    expect((await by.boss.get(`${base}/users/id-ann`)).body.lanes.others.left).toBe(10);
  });

  it('makes a code for live support, of use only once somebody else has confirmed it', async () => {
    const url = `${base}/users/id-ann/live-code`;
    expect(await code(by.rita.post(url, { reason }))).toBe('forbidden');
    expect(await code(by.rita.post(`${url}/confirm`, { reason }))).toBe('not_found');
    const made = await by.boss.post(url, { reason }).expect(201);
    expect(await code(by.boss.post(`${url}/confirm`, {}))).toBe('forbidden');
    const user = await by.rita.get(`${base}/users/id-ann`).expect(200);
    expect(user.body.liveCode).toMatchObject({ by: 'id-boss', confirmed: false });
    expect(user.text).not.toContain(made.body.code);
    const half = built.visitor();
    await half.signIn('ann').expect(401);
    await half.post('/2fa/live-code', { code: made.body.code }).expect(401);
    const { id: codeId } = user.body.liveCode;
    const odd = await by.rita.post(`${url}/confirm`, { reason, codeId: 7 }).expect(400);
    expect(odd.body.error).toMatchObject({ code: 'malformed', field: 'codeId' });
    const replaced = await by.rita.post(`${url}/confirm`, { reason, codeId: 'another' }).expect(409);
    expect(replaced.body.error.message).toContain('Another code was made in the meantime.');
    await by.rita.post(`${url}/confirm`, { reason, codeId }).expect(200);
    await half.post('/2fa/live-code', { code: made.body.code }).expect(200);
  });
});

it('I9, check 64: gives no secret away in any answer', async () => {
  const { reference } = await built.put('ann', {
    evidence: [...enough, { ...matched, id: 'x', verdict: undefined as never }],
  });
  const ann = await built.accountOf('ann');
  const [factor] = ann.factors;
  const sealed = JSON.stringify(ann).match(/"[\w-]{8,}\.[\w.-]{20,}"|"mac":"[^"]+"/g) ?? [];
  const secrets = [
    'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
    fromBase32('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')?.toString('base64url') ?? '',
    factor?.type === 'totp' ? factor.secret : '',
    ...sealed.map((one) => one.replaceAll(/^"(mac":")?|"$/g, '')),
  ].filter((one) => one !== '');
  const paths = [
    '/users',
    '/users/without',
    '/users/id-ann',
    '/users/id-ann/audit',
    '/requests',
    `/requests/${reference}`,
  ];
  for (const path of paths) {
    for (const answer of [
      await by.rita.get(base + path).expect(200),
      await by.rita.page(base + path).expect(200),
    ])
      for (const secret of secrets) expect([path, answer.text.includes(secret)]).toEqual([path, false]);
  }
});
