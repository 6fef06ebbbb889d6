import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '#server/testing/free-port.ts';
import { searchFiles } from '#server/testing/nir-watch/files.ts';
import { nirWatch } from '#server/testing/nir-watch/watch.ts';
import { emptyDataDirectory } from './data-directory.ts';
import { demoAgents, demoPassword } from './demo/demo-agents.ts';
import { demoCases } from './demo/demo-cases.ts';
import { asUnprivileged, reachablePath } from './embedded/unprivileged.ts';

const root = join(import.meta.dirname, '..');

/** Starting while other tests run takes its time. */
const slow = 120_000;

let parent: string;
let data: string;
let port: number;
const children: ChildProcess[] = [];

beforeAll(async () => {
  // A folder that only its owner may enter, as root's home is: PostgreSQL then lives elsewhere.
  parent = mkdtempSync(join(tmpdir(), 'aiguillage-start-'));
  data = join(parent, 'data');
  port = await freePort();
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
afterAll(async () => {
  await emptyDataDirectory(data);
  rmSync(parent, { recursive: true });
});

/**
 * Runs a command of package.json as npm would, without npm and its shell. `exec` there puts Node in the shell's
 * place, so that signals reach it; where there is no `exec` (Windows) what follows `||` runs.
 */
function run(script: 'start' | 'reset' | 'server', environment: Readonly<Record<string, string>> = {}) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [, options = ''] = /^(?:exec )?node ([^|]+)/.exec(scripts[script]) ?? [];
  const rest = options.trim().split(' ');
  const { DATABASE_URL: _, REDIS_URL: __, ...inherited } = process.env;
  const child = spawn(process.execPath, rest, {
    cwd: root,
    env: { ...inherited, NODE_ENV: '', DATA_DIR: data, PORT: String(port), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let said = '';
  const waiting: (() => void)[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      for (const each of waiting) each();
    });
  }
  const closed = once(child, 'close').then(([code]): number | null => {
    nirWatch.look(`what npm run ${script} prints`, said);
    return code;
  });
  return {
    child,
    said: () => said,
    /** Waits until it says so; fails when it ends before. */
    async says(words: string): Promise<void> {
      const heard = new Promise<void>((resolve) => {
        const look = () => {
          if (said.includes(words)) resolve();
        };
        waiting.push(look);
        look();
      });
      await Promise.race([
        heard,
        closed.then((code) => {
          if (!said.includes(words)) throw new Error(`ended with ${code}, saying: ${said}`);
        }),
      ]);
    },
    ended: () => closed,
  };
}

const at = (path: string) => `http://localhost:${port}${path}`;

async function signIn(): Promise<{ readonly cookie: string }> {
  const answer = await fetch(at('/api/agents/session'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: demoAgents[2].email, password: demoPassword }),
  });
  expect(answer.status).toBe(204);
  return {
    cookie: answer.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; '),
  };
}

async function countCases(headers: { readonly cookie: string }): Promise<number> {
  const { cases } = await (await fetch(at('/api/cases?limit=100'), { headers })).json();
  return cases.length;
}

describe('npm start', () => {
  it('brings everything up, takes up a killed run where it was, and stops on Ctrl-C', {
    timeout: slow,
  }, async () => {
    const first = run('start');
    await first.says('Ctrl-C stops everything.');
    for (const address of [at('/'), at('/desk'), at('/demo/mails'), at('/docs'), demoPassword]) {
      expect(first.said()).toContain(address);
    }
    expect((await fetch(at('/health/ready'))).status).toBe(200);
    expect((await fetch(at('/'))).status).toBe(200);
    const headers = await signIn();
    const open = await countCases(headers);
    expect(open).toBeGreaterThan(demoCases.length / 2);

    // The same data, and then the same port, are for one run at a time.
    const second = run('start', { PORT: String(port + 1) });
    expect(await second.ended()).toBe(1);
    expect(second.said()).toContain(`process ${first.child.pid}, ${at('')}`);
    const reset = run('reset');
    expect(await reset.ended()).toBe(1);
    expect(reset.said()).toContain('Already running');
    const elsewhere = join(parent, 'other');
    const third = run('start', { DATA_DIR: elsewhere });
    expect(await third.ended()).toBe(1);
    expect(third.said()).toMatch(new RegExp(`^Port ${port} is in use.* PORT=${port + 1} npm start\n$`));
    expect(readdirSync(elsewhere), 'PostgreSQL was not started for nothing').not.toContain('postgres');

    first.child.kill('SIGKILL');
    await first.ended();
    const again = run('start');
    await again.says('Ctrl-C stops everything.');
    expect(again.said()).not.toMatch(/Error|Warning/);
    expect(await countCases(headers), 'the cases and the session of the killed run').toBe(open);

    again.child.kill('SIGINT');
    expect(await again.ended()).toBe(0);
    expect(again.said()).toMatch(/Stopping…\nStopped\. .*\n$/);
    await searchFiles(join(data, 'mails'), nirWatch);
    expect(again.said()).not.toMatch(/Error|Warning/);
    expect(existsSync(join(postgresPlace(), 'cluster', 'postmaster.pid')), 'PostgreSQL stopped too').toBe(
      false,
    );
    expect(readdirSync(data)).not.toContain('lock.json');
  });

  it('says what to do about data it cannot use', { timeout: slow }, async () => {
    const version = join(postgresPlace(), 'cluster', 'PG_VERSION');
    const made = readFileSync(version, 'utf8');
    writeFileSync(version, '12\n');
    const older = run('start');
    expect(await older.ended()).toBe(1);
    expect(older.said()).toContain('was made by PostgreSQL 12');
    expect(older.said()).toContain('npm run reset');

    rmSync(version);
    const incomplete = run('start');
    expect(await incomplete.ended()).toBe(1);
    expect(incomplete.said()).toContain('is not whole');
    expect(incomplete.said()).toContain('npm run reset');
    writeFileSync(version, made);
  });

  it('refuses to be taken for production', async () => {
    const refused = run('start', { NODE_ENV: 'production' });
    expect(await refused.ended()).toBe(1);
    expect(refused.said()).toContain('npm run server');
  });

  it('names what is wrong with the configuration, without a stack', async () => {
    const refused = run('start', { PORT: '99999' });
    expect(await refused.ended()).toBe(1);
    expect(refused.said()).toBe('The configuration is not right:\n  PORT: must be from 1 to 65535\n');
  });
});

describe('npm run reset', () => {
  it('empties the data, also what PostgreSQL keeps elsewhere', async () => {
    const place = postgresPlace();
    expect(existsSync(place)).toBe(true);
    const reset = run('reset');
    expect(await reset.ended()).toBe(0);
    expect(readdirSync(data)).toEqual([]);
    expect(existsSync(place)).toBe(false);
  });
});

describe('npm run server', () => {
  it('says that it needs a database', async () => {
    const refused = run('server', { LOG_LEVEL: 'fatal' });
    expect(await refused.ended()).toBe(1);
    expect(refused.said()).toContain('DATABASE_URL is missing');
  });

  it('says that the database does not answer', async () => {
    const refused = run('server', { DATABASE_URL: `postgres://me:hunter2@127.0.0.1:${port}/none` });
    expect(await refused.ended()).toBe(1);
    expect(refused.said()).toContain('does not answer: connect ECONNREFUSED');
    expect(refused.said()).not.toContain('hunter2');
  });
});

function postgresPlace(): string {
  return reachablePath(join(data, 'postgres'), asUnprivileged());
}
