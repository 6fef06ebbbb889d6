import { createServer } from 'node:net';
import { CannotStart } from '#server/process.ts';

/**
 * Checks that nobody listens on the port yet, before anything slower is started.
 * On the loopback address both of its forms are tried: a browser asks for `localhost` by either.
 * @throws CannotStart naming the port and how to choose another.
 */
export async function checkPort(host: string, port: number): Promise<void> {
  const addresses = host === '127.0.0.1' || host === 'localhost' ? ['127.0.0.1', '::1'] : [host];
  for (const address of addresses) {
    const code = await tryListening(address, port);
    if (code === 'EADDRINUSE') {
      throw new CannotStart(
        `Port ${port} is in use by another program. Stop it, or choose another: PORT=${port + 1} npm start`,
      );
    }
    if (code === 'EACCES') {
      throw new CannotStart(
        `Port ${port} may not be used by this user. Choose one above 1023: PORT=3000 npm start`,
      );
    }
    // A machine without IPv6 has no ::1; any other trouble is told when the server itself listens.
  }
}

function tryListening(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) => resolve('code' in error ? String(error.code) : 'unknown'));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)));
  });
}
