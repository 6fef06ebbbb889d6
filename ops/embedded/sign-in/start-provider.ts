/**
 * Purpose: a real OpenID Connect provider with sample professionals, in the place of Pro Santé Connect and of the amelipro way
 * in: for `npm start` and the tests. It asks for no password: whoever reaches it is whoever they choose to be.
 * Entry points: `startSignInProvider`.
 * May import: anything.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Views } from '#server/views.ts';
import { mountIssuer } from './issuer.ts';
import { sendAsset } from './wallet-assets.ts';

export interface SignInProvider {
  /** What `readConfig` reads to sign in here. */
  readonly environment: Readonly<Record<string, string>>;
  readonly origin: string;
  /** While away, it answers nothing. */
  setAway(away: boolean): void;
  close(): Promise<void>;
}

export interface ProviderOptions {
  readonly views: Views;
  /** Where our own site is: the only one that may send people here. */
  readonly publicUrl: string;
  readonly host?: string;
  /** Taken if it is free; any other one otherwise. */
  readonly port?: number;
  /** How long an access token holds; two minutes, as at Pro Santé Connect. */
  readonly accessTokenSeconds?: number;
}

/**
 * Starts the provider with two issuers: `/psc`, with the discovery address of Pro Santé Connect, and `/amelipro`.
 * @throws Error when `NODE_ENV` is production: everybody could sign in as anybody.
 */
export async function startSignInProvider(options: ProviderOptions): Promise<SignInProvider> {
  if (process.env.NODE_ENV?.trim() === 'production') {
    throw new Error('the test wallet is refused in production: anybody could sign in as anybody');
  }
  const { views, publicUrl, host = '127.0.0.1', port = 0, accessTokenSeconds = 120 } = options;
  let away = false;
  let handle = (_request: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(503).end();
  const server = createServer((request, response) => {
    if (away) request.socket.destroy();
    else handle(request, response);
  });
  const taken = await listen(server, host, port);
  const origin = `http://${new URL(publicUrl).hostname}:${taken}`;
  const issuers = (['psc', 'amelipro'] as const).map((key) =>
    mountIssuer({ key, origin, publicUrl, views, accessTokenSeconds }),
  );
  handle = (request, response) => {
    const path = request.url ?? '/';
    if (sendAsset(path, response)) return;
    const issuer = issuers.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
    if (issuer) void issuer.handle(request, response);
    else response.writeHead(404).end();
  };
  return {
    origin,
    environment: Object.assign({}, ...issuers.map(({ environment }) => environment)),
    setAway: (value) => {
      away = value;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  const tryPort = (wanted: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: wanted, exclusive: true }, () => {
        server.off('error', reject);
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : wanted);
      });
    });
  if (port === 0) return tryPort(0);
  return tryPort(port).catch(() => tryPort(0));
}
