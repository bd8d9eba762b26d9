import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './measure.mjs';

const entry = fileURLToPath(new URL('../dist/lib/index.js', import.meta.url));
const script = (before) => `${before}
const started = performance.now();
require(${JSON.stringify(entry)});
const took = performance.now() - started;
const loaded = Object.keys(require.cache).filter((file) => /node_modules.(mongoose|mongodb|ioredis|qrcode|zod)/.test(file));
console.log(JSON.stringify({ took, loaded: loaded.length }));`;

/** ms to require the package in a fresh process, with Express loaded already (as in any app that uses us) and without. */
export function requireTime() {
  const run = (before) =>
    JSON.parse(
      execFileSync(process.execPath, ['-e', script(before)], {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
      }),
    );
  const times = (before) => Array.from({ length: 9 }, () => run(before));
  const inApp = times("require('express');");
  const alone = times('');
  return {
    inApp: median(inApp.map(({ took }) => took)),
    alone: median(alone.map(({ took }) => took)),
    heavy: Math.max(...[...inApp, ...alone].map(({ loaded }) => loaded)),
  };
}
