import { randomBytes } from 'node:crypto';
import { signed } from './account-mac.mjs';
import { keys, library, mongoAccounts, origin } from './apps.mjs';
import { median } from './measure.mjs';
import { codeOf, newSecret } from './totp.mjs';
import { Passport } from 'passport';

const measured = 120;

/** What a verification costs with few and with many accounts stored; microseconds each. */
export async function scale(makeAccounts, rounds) {
  const few = await filled(await makeAccounts(), 1_000);
  const many = await filled(await makeAccounts(), 100_000);
  const costs = { few: [], many: [] };
  for (let round = -1; round < rounds; round++) {
    for (const [name, side] of round % 2
      ? [
          ['few', few],
          ['many', many],
        ]
      : [
          ['many', many],
          ['few', few],
        ]) {
      const cost = await verifyAll(side, round + 1);
      if (round >= 0) costs[name].push(cost);
    }
  }
  return { few: median(costs.few), many: median(costs.many) };
}

async function filled({ accounts, fill }, count) {
  const twoFactor = library.secondFactor({
    passport: new Passport(),
    appName: 'Bench',
    origin,
    keys,
    users: { id: (user) => user.id, name: (user) => user.id },
    accounts,
    pending: library.memoryPending({ acceptLoss: true }),
  });
  const secret = newSecret();
  await twoFactor.importFactor('template', { type: 'totp', secret, label: 'app' });
  const template = await accounts.load('template');
  await fill(template, count, (number) => `filler${number}`);
  return { twoFactor };
}

/** Each round has users of its own, so that every code is fresh. */
async function verifyAll({ twoFactor }, round) {
  const users = [];
  for (let number = 0; number < measured; number++) {
    const name = `user${round}x${number}`;
    const secret = newSecret();
    await twoFactor.importFactor(name, { type: 'totp', secret, label: 'app' });
    users.push([name, codeOf(secret)]);
  }
  const started = performance.now();
  for (const [name, code] of users) {
    const verified = await twoFactor.verify(name, 'totp', { code });
    if (!verified.ok) throw new Error(`a right code was refused: ${verified.code}`);
  }
  return ((performance.now() - started) * 1000) / users.length;
}

export async function inMemory() {
  const accounts = library.memoryAccounts({ acceptLoss: true });
  return {
    accounts,
    fill: async (template, count, name) => {
      for (let number = 0; number < count; number++) {
        const rev = randomBytes(16).toString('base64url');
        await accounts.save(signed({ ...template, userId: name(number), rev }), null);
      }
    },
  };
}

export const inMongo = (connection) => async () => {
  const collection = `accounts_${randomBytes(4).toString('hex')}`;
  const accounts = mongoAccounts(connection, { collection });
  return {
    accounts,
    fill: async (template, count, name) => {
      const raw = connection.collection(collection);
      for (let number = 0; number < count; number += 5_000) {
        const batch = Array.from({ length: Math.min(5_000, count - number) }, (_, offset) => {
          const { userId, ...fields } = signed({ ...template, userId: name(number + offset) });
          return { ...fields, _id: userId, schema: 1 };
        });
        await raw.insertMany(batch);
      }
    },
  };
};
