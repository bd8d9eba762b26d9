import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exhaustively, share, usually } from '../support/exhaustive';
import { app, asJavaScript, expected } from './consumer-source';
import { Consumer, declared, root, type Packed } from './pack';

/** Loaded by the subpath that is named after it, and by nothing else. */
const providers = ['@sendgrid/mail', '@vonage/auth', '@vonage/sms', 'nodemailer'];
const optional = ['mongoose', 'ioredis', ...providers];
const withoutOptional = declared.filter((name) => !optional.includes(name));
const appPackages = [...declared, 'passport-local'];
const types = ['node', 'express', 'express-session', 'passport', 'passport-local'].map(
  (name) => `@types/${name}`,
);
export const consumers = (packedOnce: () => Packed): void =>
  describe('The package, as npm packs it', () => {
    let packed: Packed;
    beforeAll(() => {
      packed = packedOnce();
    });

    usually('runs a login that owes in a CommonJS app', () => {
      const consumer = new Consumer(packed, 'commonjs', appPackages);
      consumer.write('app.js', asJavaScript('commonjs'));
      expect(JSON.parse(consumer.node('app.js'))).toEqual(expected);
    });

    usually('runs a login that owes in an ESM app', () => {
      const consumer = new Consumer(packed, 'module', appPackages);
      consumer.write('app.js', asJavaScript('es6'));
      expect(JSON.parse(consumer.node('app.js'))).toEqual(expected);
    });

    const resolutions = [
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
    ] as const;
    it.each(share(resolutions, ([name]) => name === 'ESM, nodenext'))(
      'compiles and runs a login that owes in a TypeScript app: %s',
      (_, type, compiler, modules) => {
        const consumer = new Consumer(packed, type, [...appPackages, ...types]);
        consumer.write('app.ts', app);
        consumer.write('tsconfig.json', JSON.stringify({ compilerOptions: { ...settings, ...modules } }));
        const threads = compiler === 'typescript' ? ['--singleThreaded'] : [];
        consumer.node(join(root, 'node_modules', compiler, 'bin', 'tsc'), '-p', 'tsconfig.json', ...threads);
        expect(JSON.parse(consumer.node('out/app.js'))).toEqual(expected);
      },
    );

    exhaustively('runs a login that owes where it sees nothing but what it declares', () => {
      const consumer = new Consumer(packed, 'commonjs', appPackages, 'strict');
      consumer.write('app.js', asJavaScript('commonjs'));
      expect(JSON.parse(consumer.node('app.js'))).toEqual(expected);
    });

    exhaustively(
      'has declarations that are right in themselves, with what it declares and no types of the app’s',
      () => {
        const consumer = new Consumer(packed, 'module', ['@types/node'], 'strict');
        consumer.write(
          'app.ts',
          ['', '/mongo', '/redis', '/sendgrid', '/smtp', '/vonage']
            .map((path) => `export * from 'express-second-factor${path}';`)
            .join('\n'),
        );
        const modules = { module: 'nodenext', moduleResolution: 'nodenext' };
        const compilerOptions = { ...settings, ...modules, skipLibCheck: false };
        consumer.write('tsconfig.json', JSON.stringify({ compilerOptions }));
        expect(
          consumer.node(
            join(root, 'node_modules/typescript/bin/tsc'),
            '-p',
            'tsconfig.json',
            '--singleThreaded',
          ),
        ).toBe('');
      },
    );

    usually('needs no optional peer, and loads nothing heavy before it is used', () => {
      const consumer = new Consumer(packed, 'commonjs', withoutOptional);
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
      const more = [
        'mongodb',
        'bson',
        'qrcode',
        'passport',
        'express-session',
        'libphonenumber-js',
        'pdfkit',
      ];
      const heavy = [...optional, ...more];
      expect(names.filter((name) => heavy.includes(name ?? ''))).toEqual([]);
    });

    usually('has a command line that takes its stores from a module of the app', () => {
      const consumer = new Consumer(packed, 'commonjs', withoutOptional);
      consumer.write(
        'stores.mjs',
        `import { memoryAccounts, memoryAudit } from 'express-second-factor';
       setInterval(() => undefined, 1000);
       export const accounts = await Promise.resolve(memoryAccounts());
       export const [audit, keys] = [memoryAudit(), ['11'.repeat(32)]];`,
      );
      const { bin } = JSON.parse(
        readFileSync(join(consumer.dir, 'node_modules/express-second-factor/package.json'), 'utf8'),
      ) as { bin: Record<string, string> };
      const main = join('node_modules/express-second-factor', bin['express-second-factor'] ?? '');
      const verify = ['audit', '--verify', '--json', '--config', 'stores.mjs'];
      expect(JSON.parse(consumer.node(main, ...verify))).toEqual({
        whole: true,
        users: 0,
        records: 0,
        findings: [],
      });
    });

    const senders = [
      ['sendgrid', '@sendgrid/mail', '@sendgrid/mail', '@sendgrid/mail'],
      ['vonage', '@vonage/auth', '@vonage/sms @vonage/auth', '@vonage/sms'],
      ['smtp', 'nodemailer', 'nodemailer', 'nodemailer'],
    ] as const;
    const sent = share(senders, ([path]) => path === 'vonage');

    it.each(sent)('has the sender of %s behind its own path', (path, _missing, _needed, provider) => {
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
      const names = providers.filter((name) =>
        loaded.some((file) => file.includes(`/node_modules/${name}/`)),
      );
      expect(names).toContain(provider);
      expect(names.filter((name) => name.split('/')[0] !== provider.split('/')[0])).toEqual([]);
    });

    it.each(sent)('says what to install where the sender of %s finds no %s', (path, missing, needed) => {
      const consumer = new Consumer(packed, 'commonjs', withoutOptional);
      consumer.write(
        'app.js',
        `const { ${path}Sender } = require('express-second-factor/${path}');
       try { ${path}Sender({}); } catch ({ code, message, help }) { console.log(code, message, help); }`,
      );
      expect(consumer.node('app.js').trim()).toBe(
        `bad_option ${missing} is not installed, or not in what was bundled. Run npm i ${needed} in your app.`,
      );
    });

    usually('says what is wrong when it is used without an option', () => {
      const consumer = new Consumer(packed, 'module', declared);
      consumer.write(
        'app.js',
        `import { secondFactor } from 'express-second-factor';
       try { secondFactor({ orign: 'x' }); } catch ({ code, message, help }) { console.log(code, message, help); }`,
      );
      expect(consumer.node('app.js').trim()).toBe(
        'bad_option There is no option orign. Did you mean origin?',
      );
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
