/**
 * Purpose: the engines that may carry the jobs, each of which a test can take away and give back.
 * Entry points: `brokers`.
 * May import: workers/, the embedded services of tests.
 */
import { once } from 'node:events';
import { createServer, connect as openSocket, type Server, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import type { Config } from '#server/config.ts';
import { freePort } from '#server/testing/free-port.ts';
import { execute } from '#server/testing/global-setup.ts';
import { redisMissing, startRedis } from './redis.ts';

export interface TestBroker {
  /** What a configuration says to use it. */
  readonly config: Pick<Config, 'redisUrl' | 'databaseUrl'>;
  /** Takes it away as a power cut would; what it was told is kept. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Makes it lose all it was told. */
  empty(): Promise<void>;
  /** How many connections it has. */
  connections(): Promise<number>;
  remove(): Promise<void>;
}

export interface BrokerKind {
  readonly engine: string;
  /** Why it cannot run here. */
  readonly missing: string | undefined;
  /** Starts one of the test's own, on the test's database where it needs one. */
  start(databaseUrl: string): Promise<TestBroker>;
}

export const brokers: readonly BrokerKind[] = [
  { engine: 'PostgreSQL', missing: undefined, start: startBehindProxy },
  { engine: 'Redis', missing: redisMissing(), start: startRedisBroker },
];

async function startRedisBroker(databaseUrl: string): Promise<TestBroker> {
  const redis = await startRedis();
  return {
    config: { redisUrl: redis.url, databaseUrl },
    down: redis.kill,
    up: redis.start,
    async empty() {
      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
    },
    async connections() {
      const client = new Redis(redis.url);
      const list = String(await client.client('LIST'));
      client.disconnect();
      return list.trim().split('\n').length - 1;
    },
    remove: redis.remove,
  };
}

/** The queue's way to PostgreSQL leads through a door that can be shut, while the test's own does not. */
async function startBehindProxy(databaseUrl: string): Promise<TestBroker> {
  const { hostname, port: databasePort } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let door: Server | undefined;

  async function open(port: number): Promise<number> {
    door = createServer((inner) => {
      const outer = openSocket(Number(databasePort), hostname);
      sockets.add(inner);
      inner.on('close', () => sockets.delete(inner));
      for (const [from, to] of [
        [inner, outer],
        [outer, inner],
      ] as const) {
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
        from.pipe(to);
      }
    }).listen(port, '127.0.0.1');
    await once(door, 'listening');
    const address = door.address();
    if (!address || typeof address === 'string') throw new Error('the proxy has no port');
    return address.port;
  }
  async function shut(): Promise<void> {
    const shutting = door;
    door = undefined;
    if (!shutting) return;
    const closed = once(shutting, 'close');
    shutting.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  // Kept while the door is shut.
  const port = await open(await freePort());
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    config: { redisUrl: undefined, databaseUrl: url.href },
    down: shut,
    up: async () => {
      await open(port);
    },
    empty: () => execute(databaseUrl, 'truncate bullmq.job, bullmq.scheduler cascade'),
    connections: async () => sockets.size,
    remove: shut,
  };
}
