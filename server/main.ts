import { readConfig } from './config.ts';
import { createLog } from './logging.ts';
import { orExit, runUntilStopped } from './process.ts';
import { startServer } from './start-server.ts';

const config = orExit(() => readConfig(process.env));
const log = createLog(config.logLevel);
await runUntilStopped(() => startServer(config, log), { log });
