/**
 * Purpose: a real Redis for tests, from `redis-server` on the PATH; nothing is installed or downloaded.
 * Entry points: `redisMissing`, `startRedis`.
 * May import: server/testing.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { connect as openSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '#server/testing/free-port.ts';
import { searchFiles } from '#server/testing/nir-watch/files.ts';
import { nirWatch } from '#server/testing/nir-watch/watch.ts';

export interface TestRedis {
  readonly url: string;
  /** Kills it as a power cut would; what it was told is on its disk. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what is on its disk. */
  start(): Promise<void>;
  /** Ends it, searches all that it was ever told for NIRs, and removes its files. */
  remove(): Promise<void>;
}

/**
 * Why tests with Redis cannot run here, for the title of what is skipped; undefined when they can.
 * In CI a missing Redis is no reason: tests then fail.
 */
export function redisMissing(environment: Environment = process.env): string | undefined {
  if (findProgram(environment) !== undefined || environment.CI) return undefined;
  return 'redis-server is not installed';
}

/** Starts an empty Redis on a free port. @throws Error when `redis-server` is not installed or does not start. */
export async function startRedis(): Promise<TestRedis> {
  const program = findProgram(process.env);
  if (program === undefined)
    throw new Error('redis-server is not on the PATH, and CI must not skip its tests');
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'aiguillage-redis-'));
  const flags = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory];
  flags.push('--save', '', '--appendonly', 'yes', '--appendfsync', 'always');
  let running: ReturnType<typeof spawn> | undefined;

  async function start(): Promise<void> {
    const server = spawn(program as string, flags, { stdio: 'ignore' });
    running = server;
    for (let tries = 0; !(await answers(port)); tries += 1) {
      if (server.exitCode !== null || tries > 2400) throw new Error('redis-server did not start');
      await pause(25);
    }
  }
  async function kill(): Promise<void> {
    const server = running;
    running = undefined;
    if (!server || server.exitCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    start,
    async remove() {
      await kill();
      await searchFiles(directory, nirWatch);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

function findProgram({ PATH = '' }: Environment): string | undefined {
  const names = process.platform === 'win32' ? ['redis-server.exe'] : ['redis-server'];
  for (const folder of PATH.split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not in this folder.
      }
    }
  }
  return undefined;
}

/** Whether it answers PING, and is done reading its disk. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = openSocket(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });
}
