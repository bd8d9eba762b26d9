import { fork } from 'node:child_process';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';
import { load, message } from './load.mjs';
import { median } from './measure.mjs';

const script = fileURLToPath(new URL('gate-server.mjs', import.meta.url));
const warmUp = 6_000;
const measured = 15_000;

/**
 * What a gated request costs by CPU profile: self time by package, in µs per request. Requests per second vary by 0.05
 * and more between runs of the same code on a shared machine. The code that both sides run shows how fast the machine
 * was at the time, and is used to scale them to one speed.
 *
 * @returns the medians of three processes per side, and which share of the cost the bare app has
 */
export async function gateProfile(redisUrl, processes = 3) {
  const sides = { bare: [], ours: [] };
  for (let round = 0; round < processes; round++) {
    for (const side of Math.random() < 0.5 ? ['bare', 'ours'] : ['ours', 'bare']) {
      sides[side].push(await profileOf(side, redisUrl));
    }
  }
  const bare = medians(sides.bare);
  const ours = medians(sides.ours);
  const speed = sum(ours, shared) / sum(bare, shared);
  const scaled = Object.fromEntries(Object.entries(ours).map(([name, took]) => [name, took / speed]));
  return { bare, ours: scaled, ratio: sum(bare) / sum(scaled) };
}

async function profileOf(side, redisUrl) {
  const child = fork(script, [side, redisUrl]);
  const said = () => new Promise((resolve) => child.once('message', resolve));
  try {
    const { port, cookie } = await said();
    const requests = (count) => Array.from({ length: count }, () => message('GET', '/gated', { cookie }));
    await load(port, requests(warmUp), 64);
    child.send('start');
    await said();
    await load(port, requests(measured), 64);
    child.send('stop');
    return await said();
  } finally {
    child.disconnect();
  }
}

/** In the server: profiles itself from `start` to `stop`, and reports what each package took per request. */
export function profileOnDemand() {
  let stop;
  const answer = async (word) => {
    if (word === 'start') {
      stop = await startProfile();
      process.send('started');
    } else process.send(await stop(measured));
  };
  process.on('message', (word) => void answer(word));
}

/** @returns a function that ends the profile and returns what each package took per request, in µs */
export async function startProfile() {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  return async (requests) => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return byPackage(profile, requests);
  };
}

function byPackage({ nodes, samples, timeDeltas }, requests) {
  const groups = new Map();
  const visit = (node, above) => {
    const group = groupOf(node.callFrame, above);
    groups.set(node.id, group);
    for (const child of node.children ?? []) visit(byId.get(child), group);
  };
  const byId = new Map(nodes.map((node) => [node.id, node]));
  visit(nodes[0], 'node');
  const took = {};
  for (const [index, id] of samples.entries()) {
    const group = groups.get(id);
    took[group] = (took[group] ?? 0) + timeDeltas[index] / requests;
  }
  delete took.idle;
  return took;
}

/** Native code counts as its caller's. */
function groupOf({ functionName, url }, above) {
  if (functionName === '(garbage collector)') return 'garbage';
  if (functionName === '(idle)') return 'idle';
  if (url === '') return above;
  if (url.startsWith('node:internal/crypto')) return 'crypto';
  if (url.startsWith('node:')) return 'node';
  const [, found] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
  if (found === undefined) return url.includes('/bench/') ? 'bench' : 'our own code';
  return found.startsWith('redis') || found === 'ioredis' || found === 'standard-as-callback'
    ? 'ioredis'
    : found;
}

/** What only one side calls, or calls more often, says nothing about the machine. */
const shared = (name) => !['our own code', 'garbage', 'ioredis', 'crypto'].includes(name);
export const sum = (took, which = () => true) =>
  Object.entries(took).reduce((total, [name, one]) => total + (which(name) ? one : 0), 0);

function medians(profiles) {
  const names = new Set(profiles.flatMap((profile) => Object.keys(profile)));
  return Object.fromEntries(
    [...names].map((name) => [name, median(profiles.map((profile) => profile[name] ?? 0))]),
  );
}
