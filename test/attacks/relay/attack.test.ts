import type { Page, PlainBrowser } from '../../hosts/plain-browser';
import { isExhaustive } from '../../support/exhaustive';
import { openLink, passedOn, phish, signInAgain } from './attack';
import { openSite, type Person, type Site } from './site';

jest.setTimeout(20 * 60_000);

const ATTEMPTS = isExhaustive ? 1000 : 20;

const served = (given: Parameters<typeof openSite>[0]): (() => Site) => {
  let site: Site | undefined;
  beforeAll(async () => {
    site = await openSite(given);
  });
  afterAll(() => site?.stop());
  return () => {
    if (!site) throw new Error('it is served only while tests run');
    return site;
  };
};

// An attack that could not succeed would prove nothing.
describe('A page in the middle', () => {
  const site = served({});

  it.each(passedOn)('gets in with what people can pass on: %s', async (type) => {
    const { relay, victim, isIn } = await phish(site(), await site().person(), type);
    expect(await isIn()).toBe(true);
    expect(victim.page.address.startsWith(relay.url)).toBe(true);
    await relay.stop();
  });

  it('gets a browser that is remembered, too, if its victim ticks the box', async () => {
    const person = await site().person();
    const { relay } = await phish(site(), person, 'totp', true);
    await relay.ask('/logout', { method: 'POST' });
    expect(await signInAgain(relay, person)).toBe(200);
    await relay.stop();
  });
});

describe("A page in the middle, where newBrowser is 'confirm'", () => {
  const site = served({
    newBrowser: 'confirm',
    users: {
      id: (user) => user.id,
      name: (user) => user.name,
      contacts: (user) => [{ channel: 'email', address: user.name }],
    },
  });

  it(`gets nothing in ${ATTEMPTS} attempts, whoever opens the link, wherever`, async () => {
    const won: string[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const type = passedOn[attempt % 4] ?? 'totp';
      const remember = attempt % 8 >= 4;
      const where = attempt % 16 >= 8 ? 'same device' : 'other device';
      const person = await site().person();
      const { relay, victim, isIn } = await phish(site(), person, type, remember);
      expect(victim.page.text).toContain('Open the e-mail on this device');
      expect(await openLink(site(), person, where)).toContain('someone else may be signing in');
      if (await isIn()) won.push(`${type}, ${where}, remember ${remember}`);
      await relay.stop();
    }
    expect(won).toEqual([]);
  });

  it('lets its user in on the real site, by the same link', async () => {
    const person = await site().person();
    const browser = site().visit();
    const { text } = await signIn(browser, person);
    expect(text).toContain('Open the e-mail on this device');
    const path = person.link().slice(site().origin.length);
    await browser.open(path);
    expect((await browser.submit(path)).text).toBe('home');
    expect((await browser.fetch('/me')).text).toContain(`"id-${person.name}"`);
  });

  it('asks nothing more of a browser that is known', async () => {
    const person = await site().person();
    const cookies = new Map(person.browser.cookies);
    cookies.delete('__Host-sid');
    const { text, trail } = await signIn(site().visit(cookies), person);
    expect([text, trail]).toEqual(['home', ['POST /2fa/totp 303', 'GET / 200']]);
    expect(person.link()).toBe('');
  });
});

async function signIn(browser: PlainBrowser, person: Person): Promise<Page> {
  await browser.open('/login');
  await browser.submit('/login', { username: person.name, password: 'right' });
  return browser.submit('/2fa/totp', { code: person.totp() });
}
