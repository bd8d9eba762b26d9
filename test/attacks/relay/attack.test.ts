import { passedOn, phish } from './attack';
import { openSite, type Site } from './site';

describe('A page in the middle', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site.stop());

  it.each(passedOn)('gets in with what people can pass on: %s', async (type) => {
    const { relay, victim, isIn } = await phish(site, await site.person(), type);
    expect(await isIn()).toBe(true);
    expect(victim.page.address.startsWith(relay.url)).toBe(true);
    await relay.stop();
  });
});
