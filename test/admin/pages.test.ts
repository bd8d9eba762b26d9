import { adminHost, type AdminHost, base, reason } from './a-desk';

let built: AdminHost;
beforeAll(async () => {
  built = await adminHost();
});

/** The token that every form of a page has. */
const tokenIn = (html: string): string => /name="form_token" value="([^"]+)"/.exec(html)?.[1] ?? '';

describe('the pages of administrators, without JavaScript', () => {
  it('find a user, say what is known, and suspend a factor by a form that says why', async () => {
    const boss = await built.at('boss');
    const list = await boss.page(`${base}/users?query=cyd`).expect(200);
    expect(list.text).toContain(`href="${base}/users/id-cyd"`);
    expect(list.text).not.toContain('id-ann');
    const page = await boss.page(`${base}/users/id-cyd`).expect(200);
    expect(page.text).toContain('Phone');
    const [, factorId = ''] = /<option value="([^"]+)">Phone/.exec(page.text) ?? [];
    const form = { form_token: tokenIn(page.text), factorId };
    const wrong = await boss
      .form(`${base}/users/id-cyd/suspend`, { ...form, reason: 'too short' })
      .expect(422);
    expect(wrong.text).toContain('<title>Error: ');
    expect(wrong.text).toContain('aria-invalid="true"');
    expect(wrong.text).toContain('>too short</textarea>');
    const done = await boss.form(`${base}/users/id-cyd/suspend`, { ...form, reason }).expect(303);
    expect(done.headers.location).toBe(`${base}/users/id-cyd`);
    const after = await boss.page(`${base}/users/id-cyd`).expect(200);
    expect(after.text).toContain('The factor was suspended.');
    expect(after.text).toContain('Suspended');
  });

  it('refuse a form without the token of its session', async () => {
    const boss = await built.at('boss');
    await boss.form(`${base}/users/id-ann/unlock`, { reason }).expect(403);
  });

  it('check 58: judge, recommend and approve: no form to approve before nothing is missing', async () => {
    const rita = await built.at('rita');
    const { reference } = await built.put('ann');
    const url = `${base}/requests/${reference}`;
    expect((await rita.page(`${base}/requests`).expect(200)).text).toContain(`href="${url}"`);
    const page = await rita.page(url).expect(200);
    expect(page.text).toContain('My phone is at the bottom of a lake.');
    expect(page.text).toContain('2026-0001');
    expect(page.text).not.toContain(`action="${url}/approve"`);
    expect(page.text).toContain('What is missing: more evidence');
    const token = { form_token: tokenIn(page.text) };
    const verdict = `${url}/evidence/invoice-1`;
    const unsure = await rita.form(verdict, { ...token, note: 'Seen.' }).expect(422);
    expect(unsure.text).toContain('Choose a verdict.');
    const silent = await rita.form(verdict, { ...token, verdict: 'match', note: '' }).expect(422);
    expect(silent.text).toContain('<option value="match" selected>');
    await rita.form(verdict, { ...token, verdict: 'match', note: 'Number and sum are right.' }).expect(303);
    const judged = await rita.page(url).expect(200);
    expect(judged.text).toContain(`action="${url}/recommend"`);
    expect(judged.text).toContain('What is missing: the recommendation of another person');
    const named = { ...token, reason, accountName: 'ann@example.com' };
    const misnamed = { ...named, accountName: 'bob@example.com' };
    const refused = await rita.form(`${url}/recommend`, misnamed).expect(422);
    expect(refused.text).toContain('value="bob@example.com"');
    await rita.form(`${url}/recommend`, named).expect(303);
    expect((await rita.page(url).expect(200)).text).not.toContain(`action="${url}/approve"`);
    const rolf = await built.at('rolf');
    const second = await rolf.page(url).expect(200);
    await rolf.form(`${url}/approve`, { ...named, form_token: tokenIn(second.text) }).expect(303);
    expect((await rolf.page(url).expect(200)).text).toContain('Access is possible from');
  });

  it('check 64: name the customer record where numbers are masked, and never one from the request', async () => {
    const { reference } = await built.put('cyd');
    const url = `${base}/requests/${reference}`;
    for (const [name, said] of [
      ['boss', 'Call only a number on file, never one that was given with the request.'],
      ['audra', 'Call the number in your customer records with the same ending'],
    ] as const)
      expect((await (await built.at(name)).page(url).expect(200)).text).toContain(said);
  });

  it('keep what was typed for a letter, and who was chosen, when something else is wrong', async () => {
    const { reference } = await built.put('cyd');
    const url = `${base}/requests/${reference}`;
    const boss = await built.at('boss');
    const token = { form_token: tokenIn((await boss.page(url).expect(200)).text) };
    const long = 'x'.repeat(61);
    const letter = await boss.form(`${url}/letter`, { ...token, reason, address: long }).expect(422);
    expect(letter.text).toContain('href="#letter-address"');
    expect(letter.text).toContain(`>${long}</textarea>`);
    expect(letter.text).toContain(`>${reason}</textarea>`);
    const many = { ...token, ids: 'id-cyd', reason: 'too short' };
    const again = await boss.form(`${base}/users/reset?query=cyd`, many).expect(422);
    expect(again.text).toContain('name="ids" value="id-cyd" checked');
    expect(again.text).not.toContain('id-ann');
    const nobody = await boss.form(`${base}/users/reset`, { ...token, reason }).expect(422);
    expect(nobody.text).toContain('Choose at least one user');
  });

  it('ask to confirm first, and lead back to the same page, with what was typed', async () => {
    const boss = await built.at('boss');
    built.clock.move(6 * 60_000);
    const url = `${base}/users/id-ann`;
    const page = await boss.page(url).expect(200);
    expect(page.text).toContain(`/2fa/confirm?to=${encodeURIComponent(url)}`);
    const token = { form_token: tokenIn(page.text) };
    const answer = await boss.form(`${url}/unlock`, { ...token, reason }).expect(403);
    const [, to = ''] = /\/2fa\/confirm\?to=([^"&]+)/.exec(answer.text) ?? [];
    const back = decodeURIComponent(to);
    expect(back).toMatch(/^\/admin\/2fa\/users\/id-ann\?typed=/);
    expect(back).not.toContain(encodeURIComponent(reason));
    const again = await boss.page(back).expect(200);
    expect(again.text).toContain(`>${reason}</textarea>`);
    expect(again.text).not.toContain('<title>Error: ');
    // It opens for its user and on its page alone.
    const elsewhere = back.replace('id-ann', 'id-cyd');
    expect((await boss.page(elsewhere).expect(200)).text).not.toContain(`>${reason}</textarea>`);
    const other = await built.at('rita');
    expect((await other.page(back)).text).not.toContain(`>${reason}</textarea>`);
    // As much as an address may hold.
    const long = 'x'.repeat(1000);
    const kept = await boss.form(`${url}/unlock`, { ...token, reason: long }).expect(403);
    const [, longTo = ''] = /\/2fa\/confirm\?to=([^"&]+)/.exec(kept.text) ?? [];
    expect(longTo.length).toBeLessThan(2048);
    expect((await boss.page(decodeURIComponent(longTo))).text).toContain(`>${long}</textarea>`);
    const tooLong = await boss.form(`${url}/unlock`, { ...token, reason: 'ě'.repeat(1000) }).expect(403);
    expect(tooLong.text).toContain(`/2fa/confirm?to=${encodeURIComponent(url)}"`);
  });

  it('find the request of a form by its two codes', async () => {
    const boss = await built.at('boss');
    const { body } = await boss.get(`${base}/requests`);
    const [{ reference }] = body.requests;
    const mistyped = await boss.page(`${base}/requests?reference=${reference}&check=222222`).expect(422);
    expect(mistyped.text).toContain('do not belong together');
    await boss.get(`${base}/requests?reference=${reference}&check=222222`).expect(400);
  });

  it('show the audit, and nothing that changes anything to who only reads', async () => {
    const audra = await built.at('audra');
    const audit = await audra.page(`${base}/users/id-cyd/audit`).expect(200);
    expect(audit.text).toContain('<strong>Factor suspended</strong>');
    expect(audit.text).toContain('user.suspend');
    const czech = await audra.page(`${base}/users/id-cyd/audit`).set('Accept-Language', 'cs').expect(200);
    expect(czech.text).toContain('<strong>Faktor pozastaven</strong>');
    const { body } = await audra.get(`${base}/users/id-cyd/audit`).expect(200);
    expect(body.records).toContainEqual(expect.objectContaining({ action: 'user.suspend' }));
    for (const path of ['/users', '/users/id-ann', '/requests'])
      expect((await audra.page(base + path).expect(200)).text).not.toContain('method="post"');
  });
});
