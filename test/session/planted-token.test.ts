import request from 'supertest';
import { randomBrowserToken } from '../../lib/crypto/random';
import { host, sessionCookie, type Host } from '../hosts/host';
import { days } from '../support/clock';

const origin = 'https://admin.example.com';
const planted = randomBrowserToken();

/** No agent, which would write another header; and with text as body Node would write the header as UTF-8. */
function send({ app }: Host, path: string, body: object, cookies: readonly string[]): request.Test {
  const sent = request(app)
    .post(path)
    .set({ Accept: 'application/json', Origin: origin, Cookie: cookies.join('; ') })
    .type('json');
  sent.write(Buffer.from(JSON.stringify(body)));
  return sent;
}

/** A browser whose Cookie header is just as it is told. */
function browserWith(built: Host, cookies: () => readonly string[]) {
  const post = (path: string, body: object, more: readonly string[] = []) =>
    send(built, path, body, [...cookies(), ...more]);
  return {
    async half() {
      const session = sessionCookie(await post('/login', { username: 'ann', password: 'right' }).expect(401));
      return (code: string) => post('/2fa/totp', { code }, [session ?? '']);
    },
  };
}

type Proof = Awaited<ReturnType<ReturnType<typeof browserWith>['half']>>;
const browserCookie = (answer: Awaited<ReturnType<Proof>>): string =>
  /(__Host-2fa-browser-\w+=[^;]+)/.exec(String(answer.headers['set-cookie']))?.[1] ?? '';

/** The owner has signed in once, in the browser that is hers, and knows the name of the cookie. */
async function annAtHome() {
  const built = await host({ options: { origin } });
  const prove = await browserWith(built, () => []).half();
  const kept = browserCookie(await prove(built.code('ann')).expect(200));
  return { built, kept, name: kept.split('=')[0] ?? '' };
}

/** Ten wrong guesses by somebody who has the password, and the token. */
async function guess(built: Host, cookies: readonly string[]): Promise<void> {
  for (let login = 0; login < 2; login += 1) {
    const prove = await browserWith(built, () => cookies).half();
    for (let nth = 0; nth < 5; nth += 1) await prove('000000');
  }
}

describe('Whoever plants a browser token gets into no lane of its owner', () => {
  it('who sat at the same PC before her and left one there, five days in a row', async () => {
    const { built, name } = await annAtHome();
    let jar = `${name}=${planted}`;
    const hers = browserWith(built, () => [jar]);
    for (let day = 0; day < 5; day += 1) {
      const passed = await (await hers.half())(built.code('ann')).expect(200);
      jar = browserCookie(passed);
      await guess(built, [`${name}=${planted}`]);
      const prove = await hers.half();
      jar = browserCookie(await prove(built.code('ann')).expect(200));
      built.clock.move(days);
    }
  });

  it('from a neighbouring subdomain, whose cookie has a no-break space before our name', async () => {
    const { built, kept, name } = await annAtHome();
    let jar = kept;
    const hers = browserWith(built, () => ['theme=dark', `\u00a0${name}=${planted}`, jar]);
    for (let day = 0; day < 2; day += 1) {
      jar = browserCookie(await (await hers.half())(built.code('ann')).expect(200));
      expect(jar).not.toContain(planted);
      await guess(built, [`${name}=${planted}`]);
      jar = browserCookie(await (await hers.half())(built.code('ann')).expect(200));
      built.clock.move(days);
    }
  });

  it('nor with a token of hers that she has signed in with since', async () => {
    const { built, kept } = await annAtHome();
    let jar = kept;
    const hers = browserWith(built, () => [jar]);
    jar = browserCookie(await (await hers.half())(built.code('ann')).expect(200));
    await guess(built, [kept]);
    await (await hers.half())(built.code('ann')).expect(200);
  });

  it('nor with the token of an account of their own, which they leave in her browser', async () => {
    const { built, name } = await annAtHome();
    const session = sessionCookie(await send(built, '/login', { username: 'cyd', password: 'right' }, []));
    const code = built.code('cyd');
    const passed = await send(built, '/2fa/totp', { code }, [session ?? '']).expect(200);
    const cyds = browserCookie(passed);
    let jar = cyds;
    const hers = browserWith(built, () => [jar]);
    jar = browserCookie(await (await hers.half())(built.code('ann')).expect(200));
    expect(jar).toBe(`${name}=${jar.split(/[=.]/)[1]}.${cyds.split('=')[1]}`);
    await guess(built, [cyds]);
    await (await hers.half())(built.code('ann')).expect(200);
  });
});
