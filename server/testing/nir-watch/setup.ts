import { afterAll } from 'vitest';
import { watchApps } from './answers.ts';
import { watchLogs } from './logs.ts';
import { nirWatch, refuseFinds } from './watch.ts';

watchLogs(nirWatch);
watchApps(nirWatch);
// The first to be added is the last to run: databases and brokers have then been searched.
afterAll(() => refuseFinds(nirWatch));
