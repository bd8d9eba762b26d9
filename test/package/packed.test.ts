import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundledServers } from './bundled';
import { consumers } from './consumers';
import { pack, type Packed } from './pack';
import { isExhaustive } from '../support/exhaustive';
import { tarball } from './tarball';

let dir: string;
let packed: Packed;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'package-'));
  packed = pack(dir);
}, 120_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

if (!isExhaustive) tarball(() => packed);
consumers(() => packed);
bundledServers(() => packed);
