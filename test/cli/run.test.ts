import { memoryAccounts, memoryAudit } from '../../lib';
import { override } from '../support/override';
import { cli } from './cli';

const key = '11'.repeat(32);
const secret = 'hunter2';
const env = { MONGODB_URI: `mongodb://app:${secret}@127.0.0.1:9/app`, TWO_FACTOR_KEY: key };
const config = { accounts: memoryAccounts(), audit: memoryAudit(), keys: [key] };

describe('The command line', () => {
  it.each(['--help', 'help', 'audit --help'])('%s says how it is called', async (line) => {
    const { code, out } = await cli(line);
    expect(code).toBe(0);
    for (const word of [
      'status <user>',
      'audit [--verify] [user]',
      'requests [--state <state>]',
      'reset (<user> | --file <users>) --actor <id> --reason <text>',
      'unlock <user> --actor <id> --reason <text>',
      'MONGODB_URI',
      'TWO_FACTOR_KEY',
      '--config',
    ])
      expect(out).toContain(word);
  });

  it.each<[string, object, string]>([
    ['', {}, ''],
    ['adit', {}, 'There is no command adit. Did you mean audit? '],
    ['audit --verfy', {}, "Unknown option '--verfy'. "],
    [`audit --key=${secret}`, {}, "Unknown option '--key'. "],
    ['audit --config', {}, "Option '--config <value>' argument missing. "],
    ['status', {}, 'No user was named. Give: express-second-factor status <user>'],
    ['status ada bob', {}, 'More than one user was named. '],
    ['audit', {}, 'MONGODB_URI is not set. Set it to '],
    ['audit', { env: { MONGODB_URI: env.MONGODB_URI } }, 'TWO_FACTOR_KEY is not set. Set it to '],
    ['audit --config gone.mjs', {}, 'gone.mjs can’t be loaded. Check its path, '],
    ['audit --config config.mjs', { config: {} }, 'accounts is undefined. Give accounts: '],
    [
      'audit --config config.mjs',
      { config: { ...config, audit: {} } },
      'audit.append is missing. Give audit: ',
    ],
    ['audit --config config.mjs', { config: { ...config, keys: secret } }, 'config.mjs exports no keys. '],
    [
      'audit --config config.mjs',
      { config: { ...config, keys: [secret] } },
      'config.mjs: keys[0] is not 32 bytes',
    ],
    [
      'audit --config config.mjs --audit-collection x',
      { config },
      'Names of collections were given beside --config. ',
    ],
  ])('called as "%s" says what is wrong and what to do, with exit code 2', async (line, given, message) => {
    const { code, out, err } = await cli(line, given);
    expect({ code, begins: err.slice(0, message.length) }).toEqual({ code: 2, begins: message });
    expect(err === '' || /\S \S.*\n$/.test(err)).toBe(true);
    expect(out + err).not.toContain(secret);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('says errors as JSON where JSON is asked for', async () => {
    const { err } = await cli('audit --json');
    expect(JSON.parse(err)).toEqual({
      error: {
        code: 'wrong_use',
        message: 'MONGODB_URI is not set.',
        help: expect.stringMatching(/^Set it to/),
      },
    });
  });

  it('takes the default export of a config module as well, and closes what it has to close', async () => {
    let closed = 0;
    const close = async () => {
      closed += 1;
    };
    expect((await cli('audit --config config.mjs', { config: { default: { ...config, close } } })).code).toBe(
      0,
    );
    expect(closed).toBe(1);
  });

  it('shows nothing of what a store of the app’s throws', async () => {
    const failing = override(memoryAccounts(), { load: () => Promise.reject(new Error(secret)) });
    const given = { config: { ...config, accounts: failing } };
    const { code, out, err } = await cli('status ada --config config.mjs', given);
    expect(code).toBe(1);
    expect(err).toMatch(/^It failed with Error\. /);
    expect(out + err).not.toContain(secret);
  });

  it('shows nothing of an address that can’t be reached, or is none', async () => {
    for (const uri of [`${env.MONGODB_URI}?serverSelectionTimeoutMS=100`, `mongo://app:${secret}@nowhere`]) {
      const { code, out, err } = await cli('audit', { env: { ...env, MONGODB_URI: uri } });
      expect(code).toBe(1);
      expect(err).toMatch(/^The MongoDB that MONGODB_URI names can’t be used\. Check the address/);
      expect(out + err).not.toContain(secret);
    }
  });
});
