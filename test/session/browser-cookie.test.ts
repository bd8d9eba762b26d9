import type { Response } from 'supertest';
import { host, type Host } from '../hosts/host';
import { halfLoggedIn, loggedIn } from './people';

const name = /^(__Host-)?2fa-browser-[\da-f]{6}$/;
const lines = ({ headers }: Response): string[] => (headers['set-cookie'] ?? []) as unknown as string[];
const ours = (answer: Response): string[] => lines(answer).filter((line) => line.includes('2fa-browser-'));
const tokensIn = (answer: Response): string[] =>
  /=([\w.-]+);/.exec(ours(answer)[0] ?? '')?.[1]?.split('.') ?? [];

async function passedLogin(built: Host): Promise<Response> {
  const { agent } = await halfLoggedIn(built);
  const { origin } = new URL(built.options.origin);
  return agent
    .post('/2fa/totp', { code: built.code('ann') })
    .set('Origin', origin)
    .expect(200);
}

/** The cookie that a completed login at this origin sets. */
async function cookieAt(origin: string): Promise<string> {
  const [line = ''] = ours(await passedLogin(await host({ options: { origin } })));
  return line;
}

describe('The cookie by which a browser is known', () => {
  it('is of this host alone, over https', async () => {
    const [pair = '', ...attributes] = (await cookieAt('https://admin.example.com/app')).split('; ');
    const [key = '', value = ''] = pair.split('=');
    expect(key).toMatch(name);
    expect(key).toMatch(/^__Host-/);
    expect(value).toMatch(/^[\w-]{22}$/);
    expect(attributes.toSorted()).toEqual([
      'HttpOnly',
      'Max-Age=34560000',
      'Path=/',
      'SameSite=Lax',
      'Secure',
    ]);
  });

  it('has a plain name on http://localhost, where browsers refuse the other', async () => {
    const [pair = '', ...attributes] = (await cookieAt('http://localhost:3000')).split('; ');
    expect(pair).toMatch(/^2fa-browser-[\da-f]{6}=/);
    expect(attributes.toSorted()).toEqual(['HttpOnly', 'Max-Age=34560000', 'Path=/', 'SameSite=Lax']);
  });

  it('has another name on each port', async () => {
    const names = await Promise.all(
      ['http://localhost:3000', 'http://localhost:3001'].map(
        async (origin) => (await cookieAt(origin)).split('=')[0],
      ),
    );
    expect(new Set(names).size).toBe(2);
  });

  it('has one name for all paths of an origin', async () => {
    const [one, other] = [
      await cookieAt('http://localhost:3000/a'),
      await cookieAt('http://localhost:3000/b'),
    ];
    expect(one.split('=')[0]).toBe(other.split('=')[0]);
  });

  it('comes with a complete login only', async () => {
    const built = await host();
    const agent = built.visitor();
    expect(ours(await agent.signIn('ann'))).toEqual([]);
    expect(ours(await agent.page('/2fa'))).toEqual([]);
    expect(ours(await agent.post('/2fa/totp', { code: '000000' }))).toEqual([]);
    expect(ours(await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200))).toHaveLength(1);
    expect(ours(await agent.get('/me'))).toEqual([]);
    expect(ours(await agent.signOut())).toEqual([]);
  });

  it('holds a token for each user of the browser, which is another one after each completed login', async () => {
    const built = await host();
    const agent = built.visitor();
    const kept: string[][] = [];
    for (const person of ['ann', 'cyd', 'ann'] as const) {
      await agent.signIn(person).expect(401);
      const passed = await agent.post('/2fa/totp', { code: built.code(person) }).expect(200);
      kept.push(tokensIn(passed));
      await agent.signOut();
    }
    const [[ann], [cyd, annStill], [annAnew, cydStill]] = kept as [string[], string[], string[]];
    expect(kept.map(({ length }) => length)).toEqual([1, 2, 2]);
    expect([annStill, cydStill]).toEqual([ann, cyd]);
    expect(annAnew).not.toBe(ann);
  });

  it('leaves cookies of others alone, and never takes them for its own', async () => {
    const built = await host();
    const { agent, cookie } = await halfLoggedIn(built);
    const foreign = [
      '2fa-browser-000000=AAAAAAAAAAAAAAAAAAAAAA',
      '__Host-2fa-browser-123456=x',
      'theme=dark',
    ];
    const passed = await agent
      .post('/2fa/totp', { code: built.code('ann') })
      .set('Cookie', [cookie, ...foreign].join('; '))
      .expect(200);
    expect(lines(passed)).toHaveLength(2);
    expect(ours(passed)[0]).not.toContain('AAAAAAAA');
    expect(tokensIn(passed)).toHaveLength(1);
    expect(ours(passed)[0]).not.toContain('2fa-browser-000000');
  });

  it.each([
    ['too short', 'abc'],
    ['too long', 'A'.repeat(23)],
    ['of other letters', `${'A'.repeat(21)}!`],
    ['empty', ''],
    ['a list with something else in it', `${'A'.repeat(22)}.x`],
    ['a list without end', Array<string>(65).fill('A'.repeat(22)).join('.')],
  ])('is made anew where its value is %s', async (_, value) => {
    const built = await host();
    const [made = ''] = ours(await passedLogin(built));
    const key = made.split('=')[0] ?? '';
    const { agent, cookie } = await halfLoggedIn(built);
    const passed = await agent
      .post('/2fa/totp', { code: built.code('ann') })
      .set('Cookie', `${cookie}; ${key}=${value}`)
      .expect(200);
    expect(ours(passed)).toHaveLength(1);
    expect(ours(passed)[0]).toMatch(new RegExp(`^${key}=[\\w-]{22};`));
  });

  it('lets nobody in, and skips nothing', async () => {
    const built = await host();
    const { agent } = await loggedIn(built, 'ann');
    await agent.signOut().expect(200);
    await agent.signIn('ann').expect(401);
    expect((await agent.get('/me', 'image/*')).body.user).toBeNull();
  });

  it('gives a browser that was here before tries of its own', async () => {
    const built = await host();
    const { agent: owner } = await loggedIn(built, 'ann');
    await owner.signOut();
    for (let login = 0; login < 2; login++) {
      const { agent: thief } = await halfLoggedIn(built);
      for (let guess = 0; guess < 5; guess++) await thief.post('/2fa/totp', { code: '000000' }).expect(401);
    }
    const { agent: stranger } = await halfLoggedIn(built);
    await stranger.post('/2fa/totp', { code: built.code('ann') }).expect(429);
    await owner.signIn('ann').expect(401);
    await owner.post('/2fa/totp', { code: built.code('ann') }).expect(200);
  });
});
