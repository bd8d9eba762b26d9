import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setUp } from '../scripts/setup.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
process.env.NODE_ENV = 'production';

try {
  await setUp({ forBench: true });
  if (!existsSync(`${here}node_modules/better-auth`)) {
    execFileSync('npm', ['ci', '--silent'], { cwd: here, stdio: 'inherit' });
  }
} catch (error) {
  console.error(`npm run bench: ${error.message}`);
  process.exit(1);
}
// What follows needs what was just installed and built.
const { default: mongoose } = await import('mongoose');
const { accountMac } = await import('./account-mac.mjs');
const { activity } = await import('./activity.mjs');
const { mongoAccounts } = await import('./apps.mjs');
const { codeCounts, codes } = await import('./codes.mjs');
const { counts } = await import('./counts.mjs');
const { firstPaint } = await import('./first-paint.mjs');
const { gate } = await import('./gate.mjs');
const { keyCounts } = await import('./key-counts.mjs');
const { requireTime } = await import('./require-time.mjs');
const { inMemory, inMongo, scale } = await import('./scale.mjs');
const { startServers } = await import('./servers.mjs');
const { keyBesideLibrary } = await import('./webauthn.mjs');
const { gateProfile, sum } = await import('./profile.mjs');
const { verifyBesideBetterAuth, verifyBesideHandWritten, verifyProfile } = await import('./verify.mjs');

const servers = await startServers();
try {
  console.log('verification …');
  const byHand = await verifyBesideHandWritten();
  const keys = await keyBesideLibrary();
  console.log('gated request …');
  const gated = await gate(servers.redisUrl);
  const profile = await gateProfile(servers.redisUrl);
  const verification = await verifyProfile();
  const sent = await codes(servers.redisUrl);
  const better = await verifyBesideBetterAuth();
  console.log('cost by number of accounts …');
  const memory = await scale(inMemory, 9);
  const connection = await mongoose.createConnection(servers.mongoUrl).asPromise();
  const mongo = await scale(inMongo(connection), 5);
  console.log('round trips and start …');
  const trips = await counts(servers.redisUrl, mongoAccounts(connection));
  const codeTrips = await codeCounts(servers.redisUrl, connection);
  const keyTrips = await keyCounts(servers.redisUrl, connection);
  await connection.close();
  console.log('activity …');
  const happened = await onServersOfItsOwn(activity);
  console.log('first paint …');
  const paint = await firstPaint();
  report({
    gated,
    profile,
    verification,
    byHand,
    better,
    sent,
    memory,
    mongo,
    trips,
    codeTrips,
    keys,
    keyTrips,
    happened,
    start: requireTime(),
    mac: accountMac(),
    paint,
  });
} finally {
  servers.stop();
}

/** After what was stored before, the test server keeps a write waiting for longer than its deadline. */
async function onServersOfItsOwn(measure) {
  const own = await startServers();
  const connection = await mongoose.createConnection(own.mongoUrl).asPromise();
  try {
    return await measure(connection);
  } finally {
    await connection.close();
    own.stop();
  }
}

function report({
  gated,
  profile,
  verification,
  byHand,
  better,
  sent,
  memory,
  mongo,
  trips,
  codeTrips,
  keys,
  keyTrips,
  happened,
  start,
  mac,
  paint,
}) {
  const perSecond = (value) => `${Math.round(value).toLocaleString('en')}/s`;
  const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
  const micros = (value) => `${Math.round(value).toLocaleString('en')} µs`;
  const row = (name, what, ours, theirs, aim, ratio) =>
    `| ${name} | ${what} | ${ours} | ${theirs} | ${aim} | ${ratio.toFixed(2)} |`;
  const version = JSON.parse(readFileSync(`${here}node_modules/better-auth/package.json`, 'utf8')).version;
  const text = `# Results

Written by \`npm run bench\`. ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, Redis and MongoDB-protocol server on the same machine, better-auth ${version}. Medians of rounds in which the sides take turns: gated requests against servers in processes of their own, everything else in one process with the client. Compare the ratios, not the figures.

| figure | what | ours | theirs | at least | ratio |
|---|---|---:|---:|---:|---:|
${row('gate vs bare', 'a gated request, Redis sessions; theirs: the same app without us', perSecond(gated.ours), perSecond(gated.bare), '0.90', gated.ours / gated.bare)}
${row('gate vs bare by profile', 'CPU time of the same two, scaled to one speed by the code they share', micros(sum(profile.ours)), micros(sum(profile.bare)), '0.90', profile.ratio)}
${row('two commands vs bare', 'two commands to Redis after the session, as it was done before: the same app with them, and without us', perSecond(gated.twoCommands), perSecond(gated.bare), '', gated.twoCommands / gated.bare)}
${row('gate vs better-auth', 'the same; theirs: its session check on Express, sessions in the same Redis', perSecond(gated.ours), perSecond(gated.betterAuth), '1.5', gated.ours / gated.betterAuth)}
${row('verify vs hand-written', 'one TOTP verification over HTTP, in memory; theirs: speakeasy once and a new session, no replay guard, no lock', perSecond(byHand.ours), perSecond(byHand.byHand), '0.6', byHand.ours / byHand.byHand)}
${row('verify vs better-auth', 'the same; theirs: verify-totp on its memory adapter, 40 users', perSecond(better.ours), perSecond(better.betterAuth), '3', better.ours / better.betterAuth)}
${row('key vs library', 'one answer of a security key, without stores; theirs: only verifyAuthenticationResponse', perSecond(keys.ours), perSecond(keys.bare), '0.9', keys.ours / keys.bare)}
${row('100 000 vs 1 000', 'cost of one verification by number of stored accounts, in memory (100 000 first)', micros(memory.many), micros(memory.few), 'at most 1.10', memory.many / memory.few)}
${row('100 000 vs 1 000 on MongoDB', 'the same over the MongoDB protocol (the speed is that of the test server)', micros(mongo.many), micros(mongo.few), 'at most 1.10', mongo.many / mongo.few)}

A request reads the session, the record and the number from Redis in one go, so what a gated request costs beyond the
bare app is CPU time: in µs per request, by CPU profile, without what both sides share.

| | bare | ours |
|---|---:|---:|
${['our own code', 'garbage', 'ioredis', 'crypto'].map((name) => `| ${name} | ${micros(profile.bare[name] ?? 0)} | ${micros(profile.ours[name] ?? 0)} |`).join('\n')}

A verification does what the hand-written one leaves out: Passport's session, the record of the login, a counted try,
a sealed seed, a signed account, a save that only one of many wins, and a browser that is recognised from then on. Its
profile, in µs (of ${micros(sum(verification))}, the client included):

${Object.entries(verification)
  .toSorted(([, one], [, other]) => other - one)
  .slice(0, 8)
  .map(([name, took]) => `${name} ${took.toFixed(0)}`)
  .join(', ')}.

Each account is signed: ${mac.toFixed(0)} µs for one with an app, ten backup codes and two browsers. A verification
checks one such MAC and makes one, which is in the figures above.

Codes by e-mail over HTTP, sessions and pending state in Redis, accounts and sender in memory: ${perSecond(sent.send)} sent, ${perSecond(sent.verify)} verified.

Our round trips, beyond the session's own:

| | Redis | MongoDB reads | MongoDB writes |
|---|---:|---:|---:|
| one TOTP verification | ${trips.verification.redis} | ${trips.verification.reads} | ${trips.verification.writes} |
| first gated request of a minute | ${trips.first.redis} | ${trips.first.reads} | ${trips.first.writes} |
| one code sent (at most 2 beyond the step's own read) | ${codeTrips.send.redis} | ${codeTrips.send.reads} | ${codeTrips.send.writes} |
| one code verified (likewise), and the notice after it | ${codeTrips.verify.redis} | ${codeTrips.verify.reads} | ${codeTrips.verify.writes} |
| one challenge for a key | ${keyTrips.challenge.redis} | ${keyTrips.challenge.reads} | ${keyTrips.challenge.writes} |
| one answer of a key | ${keyTrips.answer.redis} | ${keyTrips.answer.reads} | ${keyTrips.answer.writes} |
| every other gated request, together with the session | ${trips.next.redis} | ${trips.next.reads} | ${trips.next.writes} |

The page of activity among ${happened.entries.toLocaleString('en')} entries, 1,000 for each user, over HTTP and the MongoDB protocol (the newest page
at most 50 ms), medians in ms:

| the newest page | 95th percentile | of one kind of proof | a page further down | writing one entry |
|---:|---:|---:|---:|---:|
| ${['page', 'slowest', 'kind', 'older', 'write'].map((name) => happened[name].toFixed(0)).join(' | ')} |

\`require('express-second-factor')\`: ${Math.round(start.took)} ms (at most 80); Express, drivers, providers and heavy libraries loaded: ${start.heavy}. The first \`secondFactor()\`, which loads its own parts, Express and the pages: ${Math.round(start.first)} ms.

First paint of the step page on a phone with a CPU four times slower and the "Slow 4G" of Chromium's DevTools (562 ms per
request, 1.44 Mbit/s): ${seconds(paint.afterLogin)} after the login page, where the browser fetches the stylesheet while the password is
typed (at most 1.0 s), and ${seconds(paint.cold)} with an empty cache, of which the page and then its stylesheet are 1.13 s of waiting.
`;
  // What stands there under headings was measured by other runs, and is explained by hand.
  const [, ...sections] = readFileSync(`${here}RESULTS.md`, 'utf8').split(/^(?=## )/m);
  writeFileSync(`${here}RESULTS.md`, [text, ...sections].join('\n'));
  execFileSync('npx', ['prettier', '--write', 'RESULTS.md'], { cwd: here });
  console.log(text);
}
