import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { OwnServer } from './own-server';
import { startRedis } from './start-redis';
import { until } from './within';

const run = promisify(execFile);

export interface OwnCluster {
  /** Three masters, then their replicas: what ioredis' `Cluster` takes as start-up nodes. */
  readonly nodes: readonly { host: string; port: number }[];
  /** The servers behind `nodes`, in the same order. */
  readonly servers: readonly OwnServer[];
  stop: () => Promise<void>;
}

/** A Redis Cluster of three masters with one replica each; it takes about two seconds. */
export async function startRedisCluster(): Promise<OwnCluster> {
  const servers: OwnServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    while (servers.length < 6) servers.push(await startNode());
    await create(servers.map(({ port }) => port));
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes: servers.map(({ port }) => ({ host: '127.0.0.1', port })), servers, stop };
}

function startNode(): Promise<OwnServer> {
  const args = [
    '--cluster-enabled',
    'yes',
    '--cluster-config-file',
    'nodes.conf',
    '--cluster-node-timeout',
    '2000',
  ];
  return startRedis({ args });
}

async function create(ports: readonly number[]): Promise<void> {
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  const options = ['--cluster-replicas', '1', '--cluster-yes'];
  await run('redis-cli', ['--cluster', 'create', ...addresses, ...options], { timeout: 20_000 });
  await until(20_000, 'the cluster to serve all slots on every node', async () => {
    const states = await Promise.all(ports.map(stateOf));
    return states.every((state) => state.includes('cluster_state:ok'));
  });
}

async function stateOf(port: number): Promise<string> {
  const { stdout } = await run('redis-cli', ['-p', String(port), 'cluster', 'info'], { timeout: 5_000 });
  return stdout;
}
