import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import type { Dependencies } from './dependencies.ts';
import { CannotStart, type Running } from './process.ts';

/** How long requests under way may go on once the server was told to stop. */
const lastRequestsMs = 8000;

/**
 * Serves the product over HTTP where the configuration says.
 * @throws CannotStart when the port is taken.
 */
export async function serve(deps: Dependencies): Promise<Running> {
  const app = await buildApp(deps);
  try {
    await listen(app, deps.config);
  } catch (error) {
    await app.close();
    throw error;
  }
  return {
    async close() {
      // Closing waits for the requests under way; one that never ends is cut.
      const cut = setTimeout(() => app.server.closeAllConnections(), lastRequestsMs);
      await app.close();
      clearTimeout(cut);
    },
  };
}

async function listen(app: Awaited<ReturnType<typeof buildApp>>, { host, port }: Config): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EACCES' ? 'may not be used by this user' : 'is in use by another program';
    throw new CannotStart(`Port ${port} of ${host} ${why}. Choose another with PORT=${port + 1}.`, {
      cause: error,
    });
  }
}
