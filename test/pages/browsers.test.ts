import { submit } from '../advisories/cast';
import { host, type Host } from '../hosts/host';
import { halfLoggedIn, loggedIn } from '../session/people';
import { errorCode, type BrowserAgent } from '../support/browser-agent';
import { hours } from '../support/clock';

const page = '/2fa/security/browsers';
const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly isThis: boolean;
  readonly rememberedUntil: string | null;
}

async function listOf(agent: BrowserAgent): Promise<readonly Listed[]> {
  const { body } = await agent.get(page).expect(200);
  return (body as { browsers: readonly Listed[] }).browsers;
}

async function signedIn(built: Host, agent: string): Promise<BrowserAgent> {
  const half = built.visitor();
  await half.signIn('ann').expect(401);
  await half
    .post('/2fa/totp', { code: built.code('ann') })
    .set('User-Agent', agent)
    .expect(200);
  return half;
}

describe('The browsers of a user', () => {
  it('are listed with what they are called and when they were used, this one marked', async () => {
    const built = await host();
    const desk = await signedIn(built, chrome);
    const first = new Date(built.clock.now()).toISOString();
    built.clock.move(5 * hours);
    const phone = await signedIn(built, 'something unheard of');
    const last = new Date(built.clock.now()).toISOString();
    const [newest, oldest, ...more] = await listOf(desk);
    expect(more).toEqual([]);
    expect(oldest).toEqual({
      id: expect.stringMatching(/^[\w-]{22}$/),
      name: 'Chrome on Windows',
      firstAt: first,
      lastAt: first,
      isThis: true,
      rememberedUntil: null,
    });
    expect(newest).toMatchObject({ name: 'Unknown browser', firstAt: last, isThis: false });
    expect((await listOf(phone)).map(({ isThis }) => isThis)).toEqual([true, false]);
  });

  it('are named in the language of who asks', async () => {
    const built = await host();
    const agent = await signedIn(built, chrome);
    const { body } = await agent.get(page).set('Accept-Language', 'cs').expect(200);
    expect((body as { browsers: Listed[] }).browsers[0]?.name).toBe('Chrome, Windows');
  });

  it('hold no token: what is listed opens nothing', async () => {
    const built = await host();
    const agent = await signedIn(built, chrome);
    const { text } = await agent.get(page).expect(200);
    const { body } = await agent.get('/2fa/security').expect(200);
    const cookies = agent.agent.jar.getCookies({
      domain: '127.0.0.1',
      path: '/',
      secure: false,
      script: false,
    });
    const tokens = cookies.flatMap(({ value }) => value.split('.')).filter((value) => value.length > 20);
    expect(tokens.length).toBeGreaterThan(0);
    for (const token of tokens) expect(text + JSON.stringify(body)).not.toContain(token);
  });

  it('are forgotten one by one: the codes typed there are then those of a stranger', async () => {
    const built = await host();
    const desk = await signedIn(built, chrome);
    const phone = await signedIn(built, chrome);
    const [, ofDesk] = await listOf(phone);
    const { body } = await phone.post(`${page}/${ofDesk?.id}/forget`).expect(200);
    expect(body).toEqual({ status: 'forgotten' });
    expect(await listOf(desk)).toEqual([expect.objectContaining({ isThis: false })]);
    expect(errorCode(await phone.post(`${page}/${ofDesk?.id}/forget`).expect(404))).toBe('not_found');
    // Nobody is signed out by it.
    expect((await desk.get('/me')).body.user.id).toBe('id-ann');
  });

  it('are forgotten all at once, with that in which it is done', async () => {
    const built = await host();
    const desk = await signedIn(built, chrome);
    await signedIn(built, chrome);
    expect((await desk.post(`${page}/forget`).expect(200)).body).toEqual({ status: 'forgotten' });
    expect(await listOf(desk)).toEqual([]);
    expect((await desk.post(`${page}/forget`).expect(200)).body).toEqual({ status: 'forgotten' });
  });

  it('are nobody else’s business', async () => {
    const built = await host();
    const desk = await signedIn(built, chrome);
    const [ofAnn] = await listOf(desk);
    const { agent: cyd } = await loggedIn(built, 'cyd');
    expect(errorCode(await cyd.post(`${page}/${ofAnn?.id}/forget`).expect(404))).toBe('not_found');
    const { agent: half } = await halfLoggedIn(built);
    expect(errorCode(await half.post(`${page}/forget`).expect(401))).toBe('second_factor_required');
    expect(
      errorCode(await desk.post(`${page}/forget`).set('Origin', 'https://evil.example').expect(403)),
    ).toBe('bad_origin');
    expect(await listOf(desk)).toHaveLength(1);
  });

  it('need no fresh proof to be forgotten, which takes trust away and gives none', async () => {
    const built = await host();
    const desk = await signedIn(built, chrome);
    built.clock.move(5 * hours);
    await desk.post(`${page}/forget`).expect(200);
  });

  it('are of users with a factor: who has none has no browser either', async () => {
    const built = await host();
    const { agent } = await loggedIn(built, 'bob');
    expect(await listOf(agent)).toEqual([]);
    expect((await agent.page(page).expect(200)).text).toContain('No browsers yet.');
    expect((await agent.page('/2fa/security').expect(200)).text).not.toContain(page);
  });

  it('are forgotten by a form as well, which says so once and by name', async () => {
    const built = await host();
    const desk = await signedIn(built, chrome);
    await signedIn(built, chrome);
    expect((await desk.page('/2fa/security').expect(200)).text).toContain('2 browsers');
    const [, ofDesk] = await listOf(desk);
    const sent = await submit(desk, page, `${page}/${ofDesk?.id}/forget`);
    expect([sent.status, sent.headers.location]).toEqual([303, page]);
    const { text } = await desk.page(page).expect(200);
    expect(text.match(/role="status">[\s\S]*?<\/div>/)?.[0]).toContain(
      'Chrome on Windows</bdi> was forgotten.',
    );
    expect((await desk.page(page).expect(200)).text).not.toContain('role="status"');
    await submit(desk, page, `${page}/forget`);
    expect((await desk.page(page).expect(200)).text).toContain('All browsers were forgotten.');
  });
});
