import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './measure.mjs';

const entry = fileURLToPath(new URL('../dist/lib/index.js', import.meta.url));
const script = `
const started = performance.now();
require(${JSON.stringify(entry)});
const took = performance.now() - started;
const loaded = Object.keys(require.cache).filter((file) => /node_modules.(express|body-parser|mongoose|mongodb|ioredis|qrcode|zod|libphonenumber-js|@sendgrid|@vonage|nodemailer)/.test(file));
const { secondFactor, memoryAccounts, memoryPending } = require(${JSON.stringify(entry)});
const { Passport } = require('passport');
const before = performance.now();
secondFactor({
  passport: new Passport(), appName: 'Bench', origin: 'http://localhost:3000', keys: ['ab'.repeat(32)],
  users: { id: (user) => user.id, name: (user) => user.id },
  accounts: memoryAccounts({ acceptLoss: true }), pending: memoryPending({ acceptLoss: true }),
});
const first = performance.now() - before;
console.log(JSON.stringify({ took, first, loaded: loaded.length }));`;

/** ms to require the package in a fresh process, how many heavy modules came with it, and ms of the first `secondFactor()`. */
export function requireTime() {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const runs = Array.from({ length: 9 }, () =>
    JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd })),
  );
  return {
    took: median(runs.map(({ took }) => took)),
    first: median(runs.map(({ first }) => first)),
    heavy: Math.max(...runs.map(({ loaded }) => loaded)),
  };
}
