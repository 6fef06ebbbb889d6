import { compose } from '#server/compose.ts';
import { readConfig } from '#server/config.ts';
import { createLog } from '#server/logging.ts';
import { orExit, runUntilStopped } from '#server/process.ts';
import { startWorkers } from './start-workers.ts';

const config = await orExit(() => readConfig(process.env));
const log = createLog(config.logLevel);

await runUntilStopped(
  async () => {
    const { deps, close } = await compose(config, log);
    const workers = startWorkers(deps);
    return {
      async close() {
        await workers.close();
        await close();
      },
    };
  },
  { log },
);
