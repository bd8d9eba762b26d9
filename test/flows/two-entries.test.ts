import { addApp, factorIds, formToken, withAnn, type Cast } from '../advisories/cast';
import { browser, codeAt, errorCode, type BrowserAgent } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';

const path = '/2fa/security/totp';

const labelOf = (otpauthUrl: string): string =>
  decodeURIComponent(new URL(otpauthUrl).pathname.replace(/^\/+/, '').replace(/^totp\//, ''));

const shownTo = async (agent: BrowserAgent): Promise<string> =>
  labelOf((await agent.get(path).expect(200)).body.otpauthUrl);

/** Adds an app to the entry that is being shown, and says how that was called. */
async function add({ ann, clock }: Cast, label: string): Promise<string> {
  const entry = await shownTo(ann);
  await addApp(ann, clock.now(), label);
  return entry;
}

const name = 'Test App:ann@example.com';

describe('Two authenticator apps of one user on one phone', () => {
  it('have separate entries, so that the second does not overwrite the first', async () => {
    const cast = await withAnn();
    expect(await add(cast, 'Tablet')).toBe(`${name} (2)`);
    expect(await add(cast, 'Watch')).toBe(`${name} (3)`);
  });

  it('share none either once the first one was removed', async () => {
    const cast = await withAnn();
    const tablet = await addApp(cast.ann, cast.clock.now(), 'Tablet');
    const [first = ''] = await factorIds(cast.ann);
    await cast.ann.post(`/2fa/security/factors/${first}/remove`).expect(200);
    cast.clock.move(30 * seconds);
    await cast.ann.post('/2fa/totp', { code: codeAt(tablet, cast.clock.now()) }).expect(200);
    // The bare name is free again: what is left of it in the phone opens nothing.
    expect(await add(cast, 'Watch')).toBe(name);
    expect(await add(cast, 'Laptop')).toBe(`${name} (3)`);
  });

  it('share none when one was renamed here: its entry in the phone is called as before', async () => {
    const cast = await withAnn();
    await cast.ann.post(`${path}/begin`, { label: 'Tablet' }).expect(200);
    await addApp(cast.ann, cast.clock.now(), 'Tablet');
    const [, second = ''] = await factorIds(cast.ann);
    await cast.ann.post(`/2fa/security/factors/${second}/rename`, { label: 'Old tablet' }).expect(200);
    const again = await cast.ann.post(`${path}/begin`, { label: 'Tablet' }).expect(409);
    expect(again.body.error).toMatchObject({ code: 'duplicate', field: 'label' });
  });

  it('are told apart on the page before anything is scanned', async () => {
    const cast = await withAnn();
    const { text } = await cast.ann.page(path).expect(200);
    const plain = text.replace(/<[^>]+>/g, '');
    expect(plain).toContain('may already have Test App: ann@example.com.');
    expect(plain).toContain('listed as Test App: ann@example.com (2)');
    expect(text.indexOf('may already have')).toBeLessThan(text.indexOf('<svg class="qr"'));
  });

  it('are called alike in the address, in the picture’s words and for who types them', async () => {
    const cast = await withAnn();
    const { text } = await cast.ann.page(path).expect(200);
    expect(text).toContain('<dd><bdi>ann@example.com (2)</bdi></dd>');
    expect(text).toMatch(/href="otpauth:\/\/totp\/Test%20App:ann%40example\.com%20\(2\)\?/);
  });
});

describe('The name of an entry, given before it is scanned', () => {
  it('is in its label, and is the name of the app unless another one is given', async () => {
    const cast = await withAnn();
    const { body } = await cast.ann.post(`${path}/begin`, { label: ' Work  phone ' }).expect(200);
    expect(labelOf(body.otpauthUrl)).toBe(`${name} (Work phone)`);
    expect(await shownTo(cast.ann)).toBe(`${name} (Work phone)`);
    const code = codeAt(body.secret, cast.clock.now());
    expect((await cast.ann.post(path, { code }).expect(201)).body.factor.label).toBe('Work phone');
  });

  it('can be chosen without JavaScript too, and is shown before anything is scanned', async () => {
    const cast = await withAnn();
    const before = await cast.ann.page(path).expect(200);
    const form_token = formToken(before.text);
    await cast.ann.form(`${path}/begin`, { form_token, label: 'Tablet' }).expect(303);
    const { text } = await cast.ann.page(path).expect(200);
    expect(text).toContain('ann@example.com (Tablet)');
  });

  it('starts over: nobody knows what has been scanned by then', async () => {
    const cast = await withAnn();
    const { body: one } = await cast.ann.post(`${path}/begin`, { label: 'Tablet' }).expect(200);
    const { body: same } = await cast.ann.post(`${path}/begin`, { label: 'Tablet' }).expect(200);
    expect(same.secret).toBe(one.secret);
    const { body: other } = await cast.ann.post(`${path}/begin`, { label: 'Watch' }).expect(200);
    expect(other.secret).not.toBe(one.secret);
    const code = codeAt(one.secret, cast.clock.now());
    expect(errorCode(await cast.ann.post(path, { code }).expect(401))).toBe('wrong_code');
  });

  it('is for the first app as well: another site of that name may be on the phone', async () => {
    const cast = await withAnn();
    const bob = browser(cast.app);
    await bob.signIn('bob').expect(200);
    expect((await bob.page(path).expect(200)).text).toContain('My app already has an entry with this name');
    const { body } = await bob.post(`${path}/begin`, { label: 'Staging' }).expect(200);
    expect(labelOf(body.otpauthUrl)).toBe('Test App:bob@example.com (Staging)');
  });

  it.each([
    ['too long for a picture that scans', 'x'.repeat(33), 400, 'malformed'],
    ['nothing that can be seen', '\u200b', 400, 'malformed'],
    ['no text', { evil: true }, 400, 'malformed'],
    ['the name of another app', 'AUTHENTICATOR APP', 409, 'duplicate'],
  ])('is refused where it is %s, and the set-up goes on as it was', async (_what, label, status, code) => {
    const cast = await withAnn();
    const { body: before } = await cast.ann.get(path).expect(200);
    const refused = await cast.ann.post(`${path}/begin`, { label }).expect(status);
    expect(refused.body.error).toMatchObject({ code, field: 'label' });
    expect((await cast.ann.get(path).expect(200)).body).toEqual(before);
  });

  it('is refused on its page, beside its field and with what was typed', async () => {
    const cast = await withAnn();
    const form_token = formToken((await cast.ann.page(path).expect(200)).text);
    const label = 'Authenticator app';
    const { text } = await cast.ann.form(`${path}/begin`, { form_token, label }).expect(422);
    expect(text).toMatch(/id="entry" name="label"[^>]*\n?[^>]*value="Authenticator app"/);
    expect(text).toContain('id="entry-problem"');
    expect(text).not.toContain('id="label-problem"');
  });

  it('is taken from no session whose proof is old, and leaves the open set-up there as it is', async () => {
    const cast = await withAnn();
    cast.clock.move(4 * minutes);
    const { body: before } = await cast.ann.get(path).expect(200);
    cast.clock.move(minutes + seconds);
    expect(errorCode(await cast.ann.post(`${path}/begin`, { label: 'Tablet' }).expect(403))).toBe(
      'step_up_required',
    );
    expect((await cast.ann.get(path).expect(200)).body).toEqual(before);
  });

  it('is not asked for where the login is too old to start over', async () => {
    const cast = await withAnn();
    cast.clock.move(4 * minutes);
    expect((await cast.ann.page(path).expect(200)).text).toContain('id="entry"');
    cast.clock.move(minutes + seconds);
    const { text } = await cast.ann.page(path).expect(200);
    expect(text).toContain('<svg class="qr"');
    expect(text).not.toContain('id="entry"');
  });

  it('gives way to a name that is given with the code', async () => {
    const cast = await withAnn();
    const { body } = await cast.ann.post(`${path}/begin`, { label: 'Tablet' }).expect(200);
    const code = codeAt(body.secret, cast.clock.now());
    const { body: added } = await cast.ann.post(path, { code, label: 'Slate' }).expect(201);
    expect(added.factor.label).toBe('Slate');
    // Its entry is called Tablet all the same.
    expect(errorCode(await cast.ann.post(`${path}/begin`, { label: 'Tablet' }).expect(409))).toBe(
      'duplicate',
    );
  });
});
