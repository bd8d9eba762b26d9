import { memoryActivity, type SentMessage } from '../../lib';
import type { BrowserAgent } from '../support/browser-agent';
import { adminHost, type AdminHost, base, reason } from './a-desk';

const words = 'The number is <b>not</b> in our books, see http://books.example.net';

/** What went where answers go, and what else was told, since the last look. */
async function sent(host: AdminHost): Promise<{ answer: SentMessage | undefined; others: SentMessage[] }> {
  await host.twoFactor.tick({ finish: true });
  const [answer, ...none] = host.mails().filter(({ text }) => text.includes('/2fa/lost/requests/'));
  expect(none).toEqual([]);
  return { answer, others: host.mails().filter((one) => one !== answer) };
}

const statusIn = (mail: SentMessage | undefined): string =>
  /\/2fa\/lost\/requests\/[\w-]+/.exec(mail?.text ?? '')?.[0] ?? '';

async function lastRecord(agent: BrowserAgent): Promise<unknown> {
  const { body } = await agent.get(`${base}/users/id-ann/audit`).expect(200);
  return (body as { records: readonly unknown[] }).records.at(-1);
}

describe('What a reviewer says to whoever asks', () => {
  let host: AdminHost;
  let rita: BrowserAgent;
  beforeEach(async () => {
    host = await adminHost();
    rita = await host.at('rita');
  });

  it('to ask for more, is the reason: in a mail without links, on the page of the request, and on record', async () => {
    const { reference } = await host.put('ann');
    const url = `${base}/requests/${reference}`;
    const done = await rita.post(`${url}/more-info`, { reason: words }).expect(200);
    expect(done.body).toMatchObject({ state: 'more_info', reply: { text: words } });

    const { answer, others } = await sent(host);
    expect(answer?.to).toBe('ann@example.com');
    expect(answer?.text).toContain('The person who checks your request writes:');
    expect(answer?.text).toContain('in our books, see http: //books. example. net\n');
    const html = answer?.channel === 'email' ? answer.html : '';
    expect(html).toContain('&lt;b&gt;not&lt;/b&gt;');
    expect(html).not.toContain('<b>not');
    expect(others.map(({ text }) => text).filter((text) => text.includes('our books'))).toEqual([]);
    expect(others).not.toEqual([]);

    const status = statusIn(answer);
    const stranger = host.visitor();
    expect((await stranger.get(status).expect(200)).body).toMatchObject({
      state: 'more_info',
      message: words,
    });
    const page = await stranger.page(status).expect(200);
    expect(page.text).toContain('The number is &lt;b&gt;not&lt;/b&gt; in our books');
    expect(await lastRecord(rita)).toMatchObject({ action: 'request.more-info', reason: words });
  });

  it('can be one of our sentences alone, in the language of whoever reads it', async () => {
    const { reference } = await host.put('ann', { language: 'cs' });
    const url = `${base}/requests/${reference}/more-info`;
    const done = await rita.post(url, { because: 'invoice' }).expect(200);
    expect(done.body.reply).toEqual({ because: 'invoice' });
    const { answer } = await sent(host);
    expect(answer?.text).toContain('Doplňte prosím údaje z faktury nebo platby: číslo, datum a částku.');
    expect(answer?.text).not.toContain('píše');
    const { body } = await host.visitor().get(statusIn(answer)).expect(200);
    expect(body.message).toBe('Please add facts from an invoice or a payment: its number, date and amount.');
  });

  it.each([
    ['more-info', { because: 'no_match' }],
    ['more-info', { because: 'nonsense', reason }],
    ['more-info', { because: 7, reason }],
    ['reject', { because: 'invoice', reason }],
    ['reject', { because: '', reason }],
  ])('of %s is none of our sentences: %j', async (verb, body) => {
    const { reference } = await host.put('ann');
    const refused = await rita.post(`${base}/requests/${reference}/${verb}`, body).expect(400);
    expect(refused.body.error).toMatchObject({ code: 'malformed', field: 'because' });
  });

  it('to turn down, is a sentence; the reason stays with those who work there', async () => {
    const { reference } = await host.put('ann');
    const url = `${base}/requests/${reference}`;
    await rita.post(`${url}/reject`, { reason: words, because: 'no_match' }).expect(200);
    const { answer, others } = await sent(host);
    expect(answer?.text).toContain("What was given doesn't agree with our records.");
    const status = statusIn(answer);
    const answers = [
      ...[answer, ...others].map((mail) => mail?.text ?? ''),
      (await host.visitor().page(status).expect(200)).text,
      (await host.visitor().get(status).expect(200)).text,
    ];
    expect(answers.filter((text) => text.includes('our books'))).toEqual([]);
    expect((await host.visitor().get(status)).body).toMatchObject({
      state: 'rejected',
      message: "What was given doesn't agree with our records.",
    });
    expect(await lastRecord(rita)).toMatchObject({ action: 'request.reject', reason: `no_match. ${words}` });
  });

  it('is nothing where a request is turned down by a reason alone, or decided otherwise', async () => {
    const asked = { state: 'in_review', reply: { text: 'Older words.' } } as const;
    const one = await host.put('ann', asked);
    const { body } = await rita.post(`${base}/requests/${one.reference}/reject`, { reason }).expect(200);
    expect(body).toMatchObject({ state: 'rejected', reply: null });
    const { answer } = await sent(host);
    expect((await host.visitor().get(statusIn(answer)).expect(200)).body).not.toHaveProperty('message');

    const two = await host.put('cyd', asked);
    const held = await rita.post(`${base}/requests/${two.reference}/hold`, { reason }).expect(200);
    expect(held.body).toMatchObject({ state: 'on_hold', reply: null });
  });

  it('is chosen and typed on the page, which says who reads what', async () => {
    const { reference } = await host.put('ann');
    const url = `${base}/requests/${reference}`;
    const page = await rita.page(url).expect(200);
    const token = { form_token: /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '' };
    expect(page.text).toContain('In your own words, to the person asking');
    const untold = await rita.form(`${url}/reject`, { ...token, because: '', reason }).expect(422);
    expect(untold.text).toContain('Choose what the person who asked is told.');
    expect(untold.text).toContain(`>${reason}</textarea>`);
    const bare = await rita.form(`${url}/more-info`, { ...token, because: '', reason: '' }).expect(422);
    expect(bare.text).toContain('Choose a ready-made sentence, or write 10 to 1,000 characters.');
    await rita.form(`${url}/more-info`, { ...token, because: 'readable', reason: '' }).expect(303);
    const after = await rita.page(url).expect(200);
    expect(after.text).toContain('What the person asking was told');
    expect(after.text).toContain('The copy can&#39;t be read.');
  });

  it('asks for nothing that counts nothing there', async () => {
    const points = { invoice: 0, certified: 0 } as const;
    const lostAccess = { form: { operator: ['Test'], sendTo: 'help@example.com' }, requests: { points } };
    const other = await adminHost({ options: { lostAccess } });
    const { reference } = await other.put('ann');
    const { text } = await (await other.at('rita')).page(`${base}/requests/${reference}`).expect(200);
    expect(text).toContain('<option value="certified">');
    expect(text).not.toContain('<option value="invoice">');
  });
});

describe('The notices of a request', () => {
  it('are shown with when they went where, masked', async () => {
    const host = await adminHost();
    const rita = await host.at('rita');
    const { reference } = await host.put('ann');
    const url = `${base}/requests/${reference}`;
    await rita.post(`${url}/more-info`, { reason }).expect(200);
    await sent(host);
    const at = new Date(host.clock.now()).toISOString();
    const { body } = await rita.get(url).expect(200);
    const told = { at, of: 'more_info', channel: 'email', hint: 'a•••@e•••.com' };
    expect(body.notices).toHaveLength(2);
    expect(body.notices).toEqual(expect.arrayContaining([told, { ...told, answers: true }]));
    expect(body.waiting).toEqual([]);
    const page = await rita.page(url).expect(200);
    expect(page.text).toContain('2 notices were sent');
  });

  it('and what its owner sees of it say nothing of the browser, the address and the time zone of whoever decides', async () => {
    const host = await adminHost({
      options: {
        activity: memoryActivity(),
        users: { id: (user) => user.id, name: (user) => user.name, timeZone: () => 'Asia/Kathmandu' },
      },
    });
    const rita = await host.at('rita');
    const { reference } = await host.put('ann');
    const listened = new Promise((heard) => {
      host.twoFactor.on('recovery.changed', (_event, context) => heard(context));
    });
    await rita.post(`${base}/requests/${reference}/hold`, { reason }).expect(200);
    await (await host.at('boss')).post(`${base}/users/id-ann/end-logins`, { reason }).expect(200);
    const { others } = await sent(host);
    const texts = others.filter(({ to }) => to === 'ann@example.com').map(({ text }) => text);
    expect(texts).toHaveLength(2);
    for (const text of texts) {
      expect(text).not.toMatch(/127\.0\.0\.1|Kathmandu|\+05:45/);
      expect(text).toMatch(/UTC[^]*not in a browser of yours/);
    }
    const events = await host.twoFactor.activityOf('id-ann');
    expect(events.length).toBeGreaterThan(1);
    for (const one of events) expect(one).toMatchObject({ browser: null, address: null, byApp: true });
    // Those who keep an audit log learn where it came from.
    expect(await listened).toMatchObject({ address: expect.stringContaining('127.0.0.1') });
  });
});
