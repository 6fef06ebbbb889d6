import { createServer } from 'node:net';

/**
 * Where systems take no port by themselves for who asks for any, be it to listen or to connect: what is free stays free until
 * it is used, also while what used it is started again.
 */
const [first, last] = [20_000, 32_000];

/** A port of 127.0.0.1 that nobody listened on a moment ago, and that nobody gets who did not ask for it. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = first + Math.floor(Math.random() * (last - first));
    if (await isFree(port)) return port;
  }
  throw new Error('no free port');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
