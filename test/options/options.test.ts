import { Passport, type PassportStatic } from 'passport';
import {
  memoryAccounts,
  memoryPending,
  secondFactor,
  SecondFactorError,
  type SecondFactorOptions,
} from '../../lib';
import { duration } from '../../lib/options/take';
import { nearest } from '../../lib/options/checks';
import { settingsWith } from '../core/core-scope';
import { days, hours, minutes, seconds } from '../support/clock';

interface User {
  readonly id: string;
}

const passport = (): PassportStatic => new Passport() as unknown as PassportStatic;

const right = (): SecondFactorOptions<User> => ({
  passport: passport(),
  appName: 'Test App',
  origin: 'https://app.example',
  keys: ['11'.repeat(32)],
  users: { id: (user) => user.id, name: (user) => user.id },
  accounts: memoryAccounts(),
  pending: memoryPending(),
});

/** Wrong on purpose, so without its type. */
const build = (given: Readonly<Record<string, unknown>>) => secondFactor<User>({ ...right(), ...given });

function refusal(given: Readonly<Record<string, unknown>>): SecondFactorError {
  try {
    build(given);
  } catch (error) {
    if (error instanceof SecondFactorError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('options', () => {
  it('need no more than the seven that have no default', () => {
    expect(Object.keys(right())).toHaveLength(7);
    expect(() => secondFactor(right())).not.toThrow();
  });

  it('that are given as undefined are as if they were left out', () => {
    const optional = [
      'path',
      'loginUrl',
      'helpUrl',
      'home',
      'owed',
      'tokenStrategies',
      'accept',
      'onSignedIn',
    ];
    const more = [
      'keepFactors',
      'halfLogin',
      'loginLife',
      'fresh',
      'deadline',
      'totp',
      'locale',
      'locales',
      'views',
      'brand',
      'csrf',
      'now',
    ];
    const given = Object.fromEntries([...optional, ...more].map((name) => [name, undefined]));
    expect(() => build(given)).not.toThrow();
    expect(() => build({ totp: { window: undefined, apps: undefined } })).not.toThrow();
    expect(() => build({ users: { ...right().users, reauthenticate: undefined } })).not.toThrow();
  });

  it('are left as they were given', () => {
    const given = {
      ...right(),
      tokenStrategies: ['jwt'],
      totp: { window: 0, apps: 2 },
      fresh: '2m',
      path: '/second/',
    } as const;
    const before = { ...given, users: { ...given.users }, totp: { ...given.totp }, keys: [...given.keys] };
    for (const part of [given, given.users, given.totp, given.keys, given.tokenStrategies])
      Object.freeze(part);
    secondFactor<User>(given);
    expect(given).toEqual(before);
  });

  it('have the defaults that are documented', () => {
    expect(settingsWith()).toEqual({
      limits: {
        laneTries: 10,
        laneRefill: days,
        laneCloses: 100,
        browsers: 10,
        totpApps: 3,
        addresses: 5,
        keepFactors: 0,
      },
      codeLife: 5 * minutes,
      totpWindow: 1,
      halfLogin: 10 * minutes,
      loginTries: 5,
      endedKnown: hours,
      newBrowser: 'notice',
      linkLife: 15 * minutes,
      recovery: null,
      loginLife: 30 * days,
      fresh: 5 * minutes,
      rememberBrowser: null,
      setupLife: hours,
      setupOpen: 10 * minutes,
      setupTries: 10,
      keys: expect.objectContaining({ passkeys: false, userVerification: 'preferred', most: 10 }),
    });
  });
});

describe('an option that nobody knows', () => {
  it.each([
    [{ orgin: 'x' }, 'orgin', 'origin'],
    [{ Keys: [] }, 'Keys', 'keys'],
    [{ user: {} }, 'user', 'users'],
    [{ key: 'x' }, 'key', 'keys'],
    [{ loginPath: '/x' }, 'loginPath', 'loginUrl'],
    [{ onSignIn: () => '/' }, 'onSignIn', 'onSignedIn'],
    [{ totp: { windows: 1 } }, 'totp.windows', 'totp.window'],
    [{ totp: { app: 1 } }, 'totp.app', 'totp.apps'],
    [{ users: { ...right().users, ids: 1 } }, 'users.ids', 'users.id'],
    [{ csrf: { feild: '_csrf', token: () => '' } }, 'csrf.feild', 'csrf.field'],
    [{ keepFactor: undefined }, 'keepFactor', 'keepFactors'],
    [{ __proto__: null, toString: 1 }, 'toString', ''],
  ])('is refused, %#: the nearest is named', (given, name, meant) => {
    const error = refusal(given);
    expect(error).toMatchObject({ code: 'bad_option', message: `There is no option ${name}.` });
    expect(error.help).toContain(`Did you mean ${meant}`);
  });

  it('is compared without its capitals and without taking time for ever', () => {
    expect(nearest('ORIGIN', ['path', 'origin'])).toBe('origin');
    expect(nearest('x'.repeat(1_000_000), ['path', 'origin'])).toEqual(expect.any(String));
  });
});

const wrong: Readonly<Record<string, readonly unknown[]>> = {
  passport: [undefined, null, {}, 'passport', [], [{}], [undefined]],
  appName: [undefined, null, '', '  ', 'x'.repeat(65), 5, {}, 'two\nlines', 'a\u0000b', 'a\u2028b'],
  origin: [
    undefined,
    null,
    '',
    'app.example',
    '//app.example',
    'http://app.example',
    'ftp://app.example',
    'javascript:alert(1)',
    'https://',
    'https://app.example/?x',
    'https://app.example/#x',
    'https://ann:pw@app.example',
    5,
    {},
    new URL('https://app.example'),
    'http://127.0.0.1.example',
    'http://localhost.example',
  ],
  keys: [
    undefined,
    null,
    '11'.repeat(32),
    [],
    [''],
    [undefined],
    [5],
    ['short'],
    ['11'.repeat(32), '11'.repeat(32)],
    {},
  ],
  users: [
    undefined,
    null,
    5,
    {},
    { id: () => '' },
    { name: () => '' },
    { id: 'id', name: 'name' },
    { ...right().users, reauthenticate: true },
  ],
  accounts: [undefined, null, {}, { load: () => null }, 'memory', memoryPending()],
  pending: [undefined, null, {}, { logins: { read: () => null } }, 'memory', memoryAccounts()],
  path: [
    '',
    '2fa',
    '//2fa',
    '/2fa?x',
    '/2fa#x',
    '/2 fa',
    '/2fa\\x',
    'https://app.example/2fa',
    5,
    {},
    '/2fa\n',
  ],
  loginUrl: [
    '',
    'login',
    '//evil.example',
    'https://app.example/login',
    'javascript:alert(1)',
    5,
    '/login\r\nX: y',
  ],
  helpUrl: ['', 'help', '//evil.example', 'javascript:alert(1)', 5],
  owed: ['yes', '', true, 5, {}],
  home: ['/', 5, {}],
  accept: [true, 'yes', {}],
  onSignedIn: ['/', true, {}],
  locale: ['cs', 5, {}],
  now: [5, 'now', new Date()],
  tokenStrategies: ['jwt', [5], [''], [undefined], {}, new Set(['jwt'])],
  csrf: [
    true,
    'x',
    {},
    { field: '_csrf' },
    { token: () => '' },
    { field: '', token: () => '' },
    { field: 5, token: () => '' },
  ],
  keepFactors: [-1, 11, 1.5, Number.NaN, Infinity, '1', true, {}],
  totp: [
    5,
    true,
    'x',
    { window: 2 },
    { window: -1 },
    { window: Number.NaN },
    { window: '1' },
    { window: 0.5 },
    { apps: 0 },
    { apps: 11 },
    { apps: Infinity },
    { apps: '3' },
  ],
  halfLogin: ['', '10', '10 m', '-5m', 0, -1, Number.NaN, Infinity, '1s', '2h', '1e3s', '5M', {}, true, 1n],
  loginLife: ['', 0, -1, Number.NaN, Infinity, '59s', '401d', {}],
  fresh: ['', 0, -1, Number.NaN, Infinity, '9s', '61m', {}],
  deadline: ['', 0, -1, Number.NaN, Infinity, '30d', {}],
  locales: [
    5,
    'fr',
    { fr: null },
    { fr: 'x' },
    { '!': {} },
    { fr: { nothing: 'x' } },
    { fr: { 'step.title': 5 } },
  ],
  views: [5, {}, '/nowhere/at/all'],
};

describe('a wrong option', () => {
  const rows = Object.entries(wrong).flatMap(([name, values]) =>
    values.map((value, position) => [name, position, value] as const),
  );

  it.each(rows)(
    '%s (%d) is refused at construction, by its name and with the cure',
    (name, _position, value) => {
      const error = refusal({ [name]: value });
      expect(error).toMatchObject({ code: 'bad_option', status: 500 });
      expect(error.message).toContain(name);
      expect(error.help).not.toBe('');
    },
  );

  it('is refused when there are no options at all', () => {
    for (const given of [undefined, null, 5, 'x'])
      expect(() => secondFactor(given as never)).toThrow(expect.objectContaining({ code: 'bad_option' }));
  });

  it('is one Passport given twice, which would be wrapped twice', () => {
    const once = passport();
    expect(refusal({ passport: [once, once] }).message).toContain('passport');
  });

  it('is an account store that lacks any of its methods', () => {
    const methods = ['load', 'save', 'findByHandle', 'remove', 'all'];
    for (const missing of methods) {
      expect(refusal({ accounts: functions(methods, missing) }).message).toBe(
        `accounts.${missing} is missing.`,
      );
    }
  });

  it('is a pending store that lacks one of its stores, or any of their methods', () => {
    const whole = Object.fromEntries(pendingStores.map(([name, methods]) => [name, functions(methods)]));
    expect(refusal({ pending: whole }).message).toBe('pending.close is missing.');
    for (const [name, methods] of pendingStores) {
      const lacking = { ...whole, close: () => null, [name]: undefined };
      expect(refusal({ pending: lacking })).toMatchObject({
        message: `pending.${name} is undefined.`,
        help: expect.stringContaining('redisPending(redis)') as string,
      });
      for (const missing of methods) {
        const store = functions(methods, missing);
        expect(refusal({ pending: { ...lacking, [name]: store } }).message).toBe(
          `pending.${name}.${missing} is missing.`,
        );
      }
    }
  });

  it('is never repeated where it may be a secret', () => {
    const key = 'hunter2-hunter2';
    const error = refusal({ keys: [key] });
    expect(`${error.message}${error.help}${String(error.stack)}`).not.toContain(key);
  });
});

const functions = (names: readonly string[], but?: string): object =>
  Object.fromEntries(names.filter((name) => name !== but).map((name) => [name, () => null]));

const pendingStores: readonly (readonly [name: string, methods: readonly string[]])[] = [
  ['logins', ['read', 'write', 'has', 'remove', 'list']],
  ['epochs', ['read', 'raise', 'suspend']],
  ['tries', ['count', 'takeBack', 'read']],
  ['codes', ['put', 'read', 'remove']],
  ['budgets', ['take', 'giveBack']],
  ['setups', ['put', 'get', 'remove']],
];

describe('a right option', () => {
  it.each<[string, unknown]>([
    ['origin', 'https://X.org/'],
    ['origin', 'https://x.org:443'],
    ['origin', 'https://x.org/app'],
    ['origin', 'https://účet.example'],
    ['origin', 'http://localhost:3000'],
    ['origin', 'http://127.0.0.1:3000'],
    ['origin', 'http://[::1]:3000'],
    ['appName', '👾 Účto: a/b?c#d&e%'],
    ['appName', '👾'.repeat(64)],
    ['path', '/'],
    ['path', '/account/second-factor/'],
    ['halfLogin', '30s'],
    ['halfLogin', 3_600_000],
    ['fresh', '0.5h'],
    ['loginLife', '400d'],
    ['deadline', 500],
    ['deadline', '60s'],
    ['keepFactors', 1],
    ['totp', { window: 0, apps: 10 }],
    ['totp', {}],
    ['owed', 'callback'],
    ['tokenStrategies', []],
    ['locales', { fr: { 'step.title': 'x' } }],
    ['csrf', { field: '_csrf', token: () => '' }],
  ])('%s (%#) is taken', (name, value) => {
    expect(() => build({ [name]: value })).not.toThrow();
  });

  it('is a list of Passports', () => {
    expect(() => build({ passport: [passport(), passport()] })).not.toThrow();
  });

  it('may come from an object with a prototype', () => {
    const store = memoryAccounts();
    class Users {
      readonly id = (user: User) => user.id;
      name(user: User): string {
        return user.id;
      }
    }
    expect(() => build({ users: new Users(), accounts: Object.create(store) })).not.toThrow();
  });
});

describe('a time span', () => {
  it.each([
    ['90s', 90 * seconds],
    ['5m', 5 * minutes],
    ['1h', hours],
    ['30d', 30 * days],
    ['0.5h', 30 * minutes],
    [1500, 1500],
  ] as const)('%s is %d ms', (text, ms) => {
    expect(duration('x', text)).toBe(ms);
  });
});
