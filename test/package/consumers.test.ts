import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import { Consumer, pack, root, type Packed } from './pack';

const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};
const declared = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
/** Loaded by the subpath that is named after it, and by nothing else. */
const providers = ['@sendgrid/mail', '@vonage/auth', '@vonage/sms', 'nodemailer'];
const appPackages = [...declared, 'passport-local'];
const types = ['node', 'express', 'express-session', 'passport', 'passport-local'].map(
  (name) => `@types/${name}`,
);
const app = readFileSync(join(__dirname, 'consumer-app.ts'), 'utf8');
const asJavaScript = (type: 'commonjs' | 'es6'): string =>
  transformSync(app, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type },
  }).code;

const expected = {
  login: [401, { error: { code: 'second_factor_required', message: expect.any(String), url: '/2fa' } }],
  half: [
    401,
    { error: { code: 'second_factor_required', message: expect.any(String), url: '/2fa?to=%2Fme' } },
  ],
  step: [200, { status: 'passed', url: '/' }],
  me: [200, { user: { id: 'ann' }, status: 'passed' }],
  stores: ['function', 'function'],
  error: 503,
};

describe('The package, as npm packs it', () => {
  let dir: string;
  let packed: Packed;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'package-'));
    packed = pack(dir);
  }, 120_000);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('runs a login that owes in a CommonJS app', () => {
    const consumer = new Consumer(packed, 'commonjs', appPackages);
    consumer.write('app.js', asJavaScript('commonjs'));
    expect(JSON.parse(consumer.node('app.js'))).toEqual(expected);
  });

  it('runs a login that owes in an ESM app', () => {
    const consumer = new Consumer(packed, 'module', appPackages);
    consumer.write('app.js', asJavaScript('es6'));
    expect(JSON.parse(consumer.node('app.js'))).toEqual(expected);
  });

  it.each([
    ['ESM, nodenext', 'module', 'typescript', { module: 'nodenext', moduleResolution: 'nodenext' }],
    ['CommonJS, nodenext', 'commonjs', 'typescript', { module: 'nodenext', moduleResolution: 'nodenext' }],
    // TypeScript 7 has node10 no more; attw brings an older compiler.
    [
      'CommonJS, node10',
      'commonjs',
      '@arethetypeswrong/core/node_modules/typescript',
      {
        module: 'commonjs',
        moduleResolution: 'node10',
      },
    ],
  ] as const)('compiles and runs a login that owes in a TypeScript app: %s', (_, type, compiler, modules) => {
    const consumer = new Consumer(packed, type, [...appPackages, ...types]);
    consumer.write('app.ts', app);
    consumer.write('tsconfig.json', JSON.stringify({ compilerOptions: { ...settings, ...modules } }));
    consumer.node(join(root, 'node_modules', compiler, 'bin', 'tsc'), '-p', 'tsconfig.json');
    expect(JSON.parse(consumer.node('out/app.js'))).toEqual(expected);
  });

  it('has declarations that are right in themselves, with the types of its peers and no others', () => {
    const consumer = new Consumer(packed, 'module', [...declared, ...types]);
    consumer.write(
      'app.ts',
      ['', '/redis', '/sendgrid', '/smtp', '/vonage']
        .map((path) => `export * from 'express-second-factor${path}';`)
        .join('\n'),
    );
    const compilerOptions = {
      ...settings,
      module: 'nodenext',
      moduleResolution: 'nodenext',
      skipLibCheck: false,
    };
    consumer.write('tsconfig.json', JSON.stringify({ compilerOptions }));
    expect(consumer.node(join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json')).toBe('');
  });

  it('needs no optional peer, and loads nothing heavy before it is used', () => {
    const optional = ['mongoose', 'ioredis', ...providers];
    const without = declared.filter((name) => !optional.includes(name));
    const consumer = new Consumer(packed, 'commonjs', without);
    consumer.write(
      'app.js',
      `require('express-second-factor');
       require('express-second-factor/mongo');
       require('express-second-factor/redis');
       // What the first secondFactor() loads.
       require(require('node:path').join(require.resolve('express-second-factor'), '../compose.js'));
       console.log(JSON.stringify(Object.keys(require.cache)));`,
    );
    const loaded = JSON.parse(consumer.node('app.js')) as string[];
    const names = loaded.map((path) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
    expect(names).toEqual(expect.arrayContaining(['express-second-factor', 'ejs', 'speakeasy']));
    const more = ['mongodb', 'bson', 'qrcode', 'passport', 'express-session', 'libphonenumber-js'];
    const heavy = [...optional, ...more];
    expect(names.filter((name) => heavy.includes(name ?? ''))).toEqual([]);
  });

  it.each([
    ['sendgrid', '@sendgrid/mail'],
    ['vonage', '@vonage/sms'],
    ['smtp', 'nodemailer'],
  ])('has the sender of %s behind its own path, which loads %s', (path, provider) => {
    const consumer = new Consumer(packed, 'module', declared);
    consumer.write(
      'app.js',
      `import { createRequire } from 'node:module';
       import { ${path}Sender } from 'express-second-factor/${path}';
       const { cache } = createRequire(import.meta.url);
       let told;
       try { ${path}Sender({}); } catch ({ code }) { told = code; }
       console.log(JSON.stringify({ told, loaded: Object.keys(cache) }));`,
    );
    const { told, loaded } = JSON.parse(consumer.node('app.js')) as { told: string; loaded: string[] };
    expect(told).toBe('bad_option');
    const names = providers.filter((name) => loaded.some((file) => file.includes(`/node_modules/${name}/`)));
    expect(names).toContain(provider);
    expect(names.filter((name) => name.split('/')[0] !== provider.split('/')[0])).toEqual([]);
  });

  it('says what is wrong when it is used without an option', () => {
    const consumer = new Consumer(packed, 'module', declared);
    consumer.write(
      'app.js',
      `import { secondFactor } from 'express-second-factor';
       try { secondFactor({ orign: 'x' }); } catch ({ code, message, help }) { console.log(code, message, help); }`,
    );
    expect(consumer.node('app.js').trim()).toBe('bad_option There is no option orign. Did you mean origin?');
  });
});

const settings = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  esModuleInterop: true,
  target: 'es2022',
  lib: ['es2023'],
  types: ['node'],
  outDir: 'out',
  rootDir: '.',
};
