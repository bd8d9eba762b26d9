import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './pack';
import { publicTypes } from './public-types';

const file = join(__dirname, 'public-types.txt');

describe('The public types', () => {
  it('are those of public-types.txt, which UPDATE_TYPES=1 npm test -- test/package/public-types writes anew', () => {
    execFileSync(process.execPath, [join(root, 'scripts/build.mjs')]);
    const types = publicTypes(join(root, 'dist/lib'));
    if (process.env.UPDATE_TYPES) writeFileSync(file, types);
    // What is different belongs into CHANGELOG.md.
    expect(types).toBe(readFileSync(file, 'utf8'));
  }, 120_000);
});
