import { compose } from './compose.ts';
import { readConfig } from './config.ts';
import { createLog } from './logging.ts';
import { orExit, runUntilStopped } from './process.ts';
import { serve } from './serve.ts';

const config = await orExit(() => readConfig(process.env));
const log = createLog(config.logLevel);

await runUntilStopped(
  async () => {
    const { deps, close } = await compose(config, log);
    const server = await serve(deps);
    return {
      async close() {
        await server.close();
        await close();
      },
    };
  },
  { log },
);
