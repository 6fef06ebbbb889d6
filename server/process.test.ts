import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that runs `body` (which gives a `Running`) and prints what happens, one line each. */
function run(body: string, { closeWithinMs = 15_000 } = {}) {
  const source = `
    import { CannotStart, orExit, runUntilStopped } from ${JSON.stringify(import.meta.resolve('./process.ts'))};
    const say = (first, second) => console.log(typeof first === 'string' ? first : second + ': ' + first.err.message);
    const log = { info: say, fatal: say };
    const keep = () => setInterval(() => {}, 1000);
    await runUntilStopped(async () => { ${body} }, { log, closeWithinMs: ${closeWithinMs} });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  const waiting: { word: string; found: () => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const each of waiting) if (line.includes(each.word)) each.found();
  });
  return {
    child,
    lines,
    line: (word: string) =>
      new Promise<void>((found) => {
        if (lines.some((line) => line.includes(word))) found();
        else waiting.push({ word, found });
      }),
    ended: async () => {
      const [code] = await once(child, 'close');
      return code;
    },
  };
}

const server = `
  const timer = keep();
  console.log('started');
  return { close: async () => { clearInterval(timer); console.log('closed'); } };`;

describe('the life of a process', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('closes and ends with 0 on %s', async (signal) => {
    const { child, line, ended, lines } = run(server);
    await line('started');
    child.kill(signal);
    expect(await ended()).toBe(0);
    expect(lines).toEqual(['started', `${signal}: stopping`, 'closed']);
  });

  it('takes the Ctrl-C that npm passes on a second time as the same one', async () => {
    const { child, line, ended, lines } = run(`
      const timer = keep();
      console.log('started');
      return { close: () => new Promise((done) => setTimeout(() => { clearInterval(timer); done(); }, 300)) };`);
    await line('started');
    child.kill('SIGINT');
    await line('stopping');
    child.kill('SIGINT');
    expect(await ended()).toBe(0);
    expect(lines.join()).not.toContain('again');
  });

  it('ends at once at a second wish, when closing hangs', async () => {
    const { child, line, ended, lines } = run(`
      keep();
      console.log('started');
      return { close: () => new Promise(() => { setTimeout(() => console.log('hanging'), 600); }) };`);
    await line('started');
    child.kill('SIGINT');
    await line('hanging');
    child.kill('SIGINT');
    expect(await ended()).toBe(1);
    expect(lines.at(-1)).toBe('SIGINT again: ending at once');
  });

  it('does not wait for ever for what does not close', async () => {
    const { child, line, ended, lines } = run(
      `keep(); console.log('started'); return { close: () => new Promise(() => {}) };`,
      { closeWithinMs: 200 },
    );
    await line('started');
    child.kill('SIGTERM');
    expect(await ended()).toBe(1);
    expect(lines.at(-1)).toBe('not closed after 0.2 seconds: ending regardless');
  });

  it('told to stop while it starts, closes once it has started', async () => {
    const { child, line, ended, lines } = run(`
      const timer = keep();
      console.log('starting');
      await new Promise((go) => process.once('SIGTERM', go));
      return { close: async () => { clearInterval(timer); console.log('closed'); } };`);
    await line('starting');
    child.kill('SIGTERM');
    expect(await ended()).toBe(0);
    expect(lines).toEqual(['starting', 'SIGTERM: stopping', 'closed']);
  });

  it.each([
    ['thrown', `setTimeout(() => { throw new Error('oops'); }, 10);`],
    ['rejected', `setTimeout(() => { void Promise.reject(new Error('oops')); }, 10);`],
  ])('closes and ends with 1 on an error %s where nobody catches it', async (_, fault) => {
    const { ended, lines } = run(fault + server);
    expect(await ended()).toBe(1);
    expect(lines).toEqual(['started', 'an error that nobody caught: oops', 'closed']);
  });

  it('tells why it cannot start, and ends with 1', async () => {
    const refused = run(`throw new CannotStart('the port is taken');`);
    expect(await refused.ended()).toBe(1);
    expect(refused.lines).toEqual(['the port is taken']);
    const broken = run(`throw new Error('oops');`);
    expect(await broken.ended()).toBe(1);
    expect(broken.lines).toEqual(['the start failed: oops']);
  });

  it('ends with 1 when closing fails', async () => {
    const { child, line, ended, lines } = run(`
      const timer = keep();
      console.log('started');
      return { close: async () => { clearInterval(timer); throw new Error('stuck'); } };`);
    await line('started');
    child.kill('SIGTERM');
    expect(await ended()).toBe(1);
    expect(lines.at(-1)).toBe('closing failed: stuck');
  });
});
