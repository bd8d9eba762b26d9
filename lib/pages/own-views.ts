import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SecondFactorError } from '../errors';

/** Some of ours, that no app has by chance: a bundle may lie two folders below the views of its app. */
const SOME = ['partials/tokens.ejs', 'ceremony.js'];

/** Our templates, styles and scripts. The same from lib/pages and from dist/lib/pages. */
export function ownViews(): string {
  // A bundle may be a module, which has no `__dirname`.
  const folder = typeof __dirname === 'string' ? join(__dirname, '../../views') : null;
  if (folder !== null && SOME.every((file) => existsSync(join(folder, file)))) return folder;
  throw new SecondFactorError(
    'wrong_setup',
    'The page templates are not next to the code: express-second-factor was bundled.',
    'Keep it out of the bundle (esbuild: --external:express-second-factor) and install it where the app runs: docs/bundled-servers.md.',
  );
}
