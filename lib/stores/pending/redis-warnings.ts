import type { RedisClient, RedisNode } from './redis-client';

/** What a server's INFO reveals that makes it forget, and what helps. */
const FORGETS = [
  {
    section: 'memory',
    says: /^maxmemory_policy:(?!noeviction)(\S+)/m,
    code: 'SECOND_FACTOR_REDIS_EVICTION',
    message: (policy: string) =>
      `Redis may drop logins, and counts of tries and messages: it evicts by ${policy}.`,
    detail: 'Set its maxmemory-policy to noeviction, or give redisPending a Redis of its own.',
  },
  {
    section: 'replication',
    says: /^role:(?!master)(\S+)/m,
    code: 'SECOND_FACTOR_REDIS_REPLICA',
    message: (role: string) =>
      `Redis is no master but a ${role}: ended logins may be alive there, and counts old.`,
    detail: 'Give redisPending a client that is connected to the master.',
  },
] as const;

const asked = new WeakSet<RedisClient>();

/**
 * Warns about a Redis that may forget what limits guesses and messages. Each client is asked once, as soon as it is
 * connected; nothing waits for the answer, and a server that gives none (some forbid INFO) is assumed to be fine.
 */
export function warnOfForgetting(client: RedisClient): void {
  if (asked.has(client)) return;
  asked.add(client);
  const ask = () => void warn(client).catch(() => undefined);
  if (client.status === 'ready') ask();
  else client.once?.('ready', ask);
}

async function warn(client: RedisClient): Promise<void> {
  const nodes = client.nodes?.('master') ?? [client];
  for (const { section, says, code, message, detail } of FORGETS) {
    const answers = await Promise.allSettled(nodes.map((node) => infoOf(node, section)));
    const texts = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : ''));
    const [said] = texts.flatMap((text) => says.exec(text)?.[1] ?? []);
    if (said !== undefined) process.emitWarning(message(said), { type: 'SecondFactorWarning', code, detail });
  }
}

/** Under RESP3 it may be an object that holds the text. */
const infoOf = async (node: RedisNode, section: string): Promise<string> =>
  String(await node.info?.(section));
