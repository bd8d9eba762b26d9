import { memoryAccounts } from '../../lib';
import { endLogins } from '../../lib/core/end-logins';
import { ada, coreScope, enrol, key } from '../core/core-scope';
import { signing } from '../support/signing';
import { cli } from './cli';

async function enrolled() {
  const accounts = memoryAccounts();
  const scope = coreScope({ accounts: signing(accounts, [key]) });
  const { secret, codes } = await enrol(scope);
  await endLogins(scope, ada);
  return { config: { accounts, keys: [key] }, secrets: [secret.toString('hex'), ...codes] };
}

const ask = (line: string, config: unknown) => cli(`${line} --config config.mjs`, { config });

describe('status', () => {
  it('says what a user has set up', async () => {
    const { config } = await enrolled();
    const { code, out } = await ask('status ada', config);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'user          ada',
      'two-factor    on',
      expect.stringMatching(/^factor {8}totp “Phone”, added \S+Z, never used$/),
      expect.stringMatching(/^backup codes {2}\d+ of 10 left$/),
      'browsers      0',
      'audit         0 records, 0 on the way',
      '',
    ]);
  });

  it('says the same as JSON, and nothing secret', async () => {
    const { config, secrets } = await enrolled();
    const { out } = await ask('status ada --json', config);
    expect(JSON.parse(out)).toMatchObject({
      user: 'ada',
      twoFactor: 'on',
      factors: [{ type: 'totp' }],
      request: null,
    });
    const account = await config.accounts.load(ada);
    const sealed = JSON.stringify(account).match(/"(?:secret|digest|mac|handle)":"[^"]+"/g) ?? [];
    expect(sealed.length).toBeGreaterThan(5);
    for (const one of [...secrets, ...sealed.map((pair) => pair.split('"')[3] ?? '')])
      expect(out).not.toContain(one);
  });

  it('knows that somebody has set up nothing', async () => {
    const { config } = await enrolled();
    const { code, out } = await ask('status nobody', config);
    expect(code).toBe(0);
    expect(out).toContain('two-factor    off');
  });

  it('trusts no account that is not as it was saved', async () => {
    const { config } = await enrolled();
    const account = await config.accounts.load(ada);
    if (account) await config.accounts.save({ ...account, factors: [] }, account.rev);
    const { code, out, err } = await ask('status ada', config);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^A stored account is not as it was saved\. /);
  });
});
