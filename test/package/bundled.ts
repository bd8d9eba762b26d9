import { join } from 'node:path';
import { share } from '../support/exhaustive';
import { app, expected } from './consumer-source';
import { Consumer, declared, root, type Packed } from './pack';

/** Packages in a bundle that is a module still ask for `require`. */
const withRequire =
  "--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

export const bundledServers = (packedOnce: () => Packed): void =>
  describe('A server bundled by esbuild', () => {
    let packed: Packed;
    beforeAll(() => {
      packed = packedOnce();
    });

    function bundled(...options: readonly string[]): { consumer: Consumer; file: string } {
      const consumer = new Consumer(packed, 'commonjs', [...declared, 'passport-local']);
      consumer.write('app.ts', app);
      const file = options.includes('--format=esm') ? 'server/out/app.mjs' : 'server/out/app.cjs';
      const usual = ['--bundle', '--platform=node', '--log-level=error', `--outfile=${file}`];
      consumer.run(join(root, 'node_modules/.bin/esbuild'), ['app.ts', ...usual, ...options]);
      // As most apps have them, and where files beside the code would be looked for.
      consumer.write('views/step.ejs', 'not ours');
      return { consumer, file };
    }

    const outside = [
      ['--external:express-second-factor'],
      ['--packages=external'],
      ['--external:express-second-factor', '--format=esm', withRequire],
      ['--packages=external', '--format=esm'],
    ];
    it.each(share(outside, ([first]) => first === '--packages=external'))(
      'gives a login that owes with %s %s',
      (...options) => {
        const { consumer, file } = bundled(...options);
        expect(JSON.parse(consumer.node(file))).toEqual(expected);
      },
    );

    it.each(share([[], ['--format=esm', withRequire]], (options) => options.length === 0))(
      'that has swallowed the pages says the one cure at its start: %s',
      (...options) => {
        const { consumer, file } = bundled(...options);
        expect(() => consumer.node(file)).toThrow(
          /wrong_setup[\s\S]*--external:express-second-factor[\s\S]*docs\/bundled-servers\.md/,
        );
      },
    );
  });
