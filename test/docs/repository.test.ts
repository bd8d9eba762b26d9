import { join, normalize } from 'node:path';
import { filesIn, read } from './pages';
import { rooms } from './rooms';

/** Packages and modules of Node that a room may use at all. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  account: [],
  crypto: ['node:crypto', 'speakeasy'],
  factors: [
    'node:crypto',
    'node:timers/promises',
    '@simplewebauthn/server',
    '@simplewebauthn/server/helpers',
  ],
  stores: ['node:crypto', 'node:fs', 'node:fs/promises', 'node:path', 'mongoose'],
  activity: ['node:net'],
  audit: ['node:crypto'],
  delivery: [
    'node:net',
    'node:url',
    '@sendgrid/mail',
    '@vonage/auth',
    '@vonage/sms',
    'libphonenumber-js/max',
    'nodemailer',
  ],
  core: [],
  notices: ['node:crypto', 'node:dns', 'node:events', 'node:http', 'node:https', 'node:net'],
  session: [
    'node:crypto',
    'node:http',
    'node:perf_hooks',
    'node:stream',
    'express',
    'express-session',
    'on-headers',
  ],
  recovery: ['node:crypto', 'node:fs', 'node:path', 'pdfkit'],
  admin: [],
  pages: ['node:crypto', 'node:fs', 'node:http', 'node:path', 'express', 'ejs', 'qrcode'],
  options: ['node:crypto', 'node:http', 'express'],
  kinds: [],
  cli: ['node:fs/promises', 'node:path', 'node:url', 'node:util', 'mongoose'],
  '../strategies': ['express', 'passport-strategy'],
};

const sources = [...filesIn('lib'), ...filesIn('strategies')].filter((file) => file.endsWith('.ts'));
const texts = new Map(sources.map((file) => [file, read(file)]));
const textOf = (file: string): string => texts.get(file) ?? '';
/** Comments speak of what code must not do. */
const codeOf = (file: string): string => textOf(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
const roomOf = (file: string): string =>
  file.startsWith('strategies/') ? '../strategies' : (file.split('/').slice(1, -1)[0] ?? '');
const inRooms = sources.filter((file) => roomOf(file) !== '');

const importsOf = (file: string): string[] =>
  [...codeOf(file).matchAll(/(?:from\s+|import\(\s*|require\(\s*)'([^']+)'/g)].map(([, from = '']) => from);
const isOurs = (from: string): boolean => from.startsWith('.');
/** A relative import, as the map names it: `account/tries`, `errors`. */
const targetOf = (file: string, from: string): string =>
  normalize(join(file, '..', from))
    .replace(/^lib\//, '')
    .replace(/^(?=strategies|views)/, '../');

const neighboursOf = (file: string): string[] =>
  importsOf(file)
    .filter(isOurs)
    .map((from) => `${normalize(join(file, '..', from))}.ts`)
    .filter((target) => texts.has(target));

/** What is left when every file goes that imports nothing that is left: what is in circles, or leads to one. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const left = [...graph].filter(([, imports]) => imports.some((one) => graph.has(one)));
  if (left.length < graph.size) return circles(new Map(left));
  return left.map(([file, imports]) => `${file}: ${imports.filter((one) => graph.has(one)).join(', ')}`);
}

const filesWith = (pattern: RegExp): string[] => sources.filter((file) => pattern.test(codeOf(file)));

describe('The source', () => {
  it('has the rooms of the map, each with rules here', () => {
    expect([...new Set(inRooms.map(roomOf))].toSorted()).toEqual([...rooms.keys()].toSorted());
    expect(Object.keys(PACKAGES)).toEqual([...rooms.keys()]);
  });

  it.each([...rooms])('room %s imports nothing but what the map allows', (room, allowed) => {
    const wrong = inRooms
      .filter((file) => roomOf(file) === room)
      .flatMap((file) =>
        importsOf(file)
          .filter(isOurs)
          .map((from) => [file, targetOf(file, from)] as const),
      )
      .filter(
        ([, target]) => ![room, ...allowed].some((name) => target === name || target.startsWith(`${name}/`)),
      );
    expect(wrong).toEqual([]);
  });

  it('has no circle of imports, in types neither', () => {
    expect(circles(new Map(sources.map((file) => [file, neighboursOf(file)])))).toEqual([]);
  });

  it.each(Object.entries(PACKAGES))('room %s uses no other package', (room, allowed) => {
    const used = inRooms
      .filter((file) => roomOf(file) === room)
      .flatMap(importsOf)
      .filter((from) => !isOurs(from));
    expect([...new Set(used)].toSorted()).toEqual([...allowed].toSorted());
  });

  it('asks the app for a name in one file', () => {
    expect(filesWith(/\busers\.name\(/)).toEqual(['lib/session/app-functions.ts']);
  });

  it('reads no query that the app’s parser made', () => {
    expect(filesWith(/\breq\.query\b|\bquery\s*[,}].*: Request\b/)).toEqual([]);
  });

  it('redirects in few places, and no refusal but in one', () => {
    const refusing = filesWith(/\brefuse\(/).filter((file) => /\.redirect\(/.test(codeOf(file)));
    expect(refusing.filter((file) => !file.startsWith('lib/pages/'))).toEqual(['lib/session/login.ts']);
  });

  it('meets speakeasy in one file', () => {
    expect(filesWith(/['"]speakeasy['"]/)).toEqual(['lib/crypto/otp.ts']);
  });

  it('touches what is private to Passport in one file', () => {
    expect(filesWith(/\b(?:_sm|_strategy|_key|_userProperty|_strategies|_passport)\b/)).toEqual([
      'lib/session/passport-seam.ts',
    ]);
  });

  it('reads what a set-up holds in one place, which asks whether its login may', () => {
    expect(filesWith(/\bsetups\.(?:get|put)\(/).filter((file) => !file.startsWith('lib/stores/'))).toEqual([
      // Until when no link is sent, and which login a link belongs to: no set-up at all.
      'lib/core/half-login.ts',
      'lib/core/new-browser.ts',
      'lib/core/setup.ts',
      // That a login has ended, which is no secret.
      'lib/session/succession.ts',
    ]);
  });

  it('reads and writes cookies of its own in one place', () => {
    expect(filesWith(/headers\.cookie|['"]set-cookie['"]|\.cookie\(|cookies\[/i)).toEqual([
      'lib/session/cookie.ts',
    ]);
  });

  it('meets each provider of messages in one file', () => {
    const providers = /['"](?:@sendgrid\/mail|@vonage\/\w+|nodemailer)['"]/;
    const senders = ['sendgrid', 'smtp', 'vonage'].map((name) => `lib/delivery/senders/${name}.ts`);
    expect(filesWith(providers)).toEqual(senders);
  });

  it('loads drivers as types only', () => {
    const pattern = /^import (?!type\b)[^;]*from '(?:mongoose|ioredis|mongodb)'/m;
    expect(filesWith(pattern)).toEqual([]);
  });

  it('has no #private member in a strategy: Passport calls through Object.create(strategy)', () => {
    expect(sources.filter((file) => roomOf(file) === '../strategies' && /#\w/.test(codeOf(file)))).toEqual(
      [],
    );
  });

  it('prints nothing, reads no environment, and has named exports only', () => {
    // But for the program, the sender that prints for developers, and the stores in memory: these two ask whether they
    // are among them.
    const pattern = /\bconsole\.|export default|\bprocess\.(?:env|stdout)\b/;
    expect(filesWith(pattern)).toEqual([
      'lib/cli/main.ts',
      'lib/delivery/senders/console.ts',
      'lib/stores/accept-loss.ts',
    ]);
  });

  it('silences no tool', () => {
    const pattern = /@ts-(?:ignore|expect|nocheck)|(?:eslint|oxlint|prettier)-(?:disable|ignore)/;
    expect(sources.filter((file) => pattern.test(textOf(file)))).toEqual([]);
  });
});
