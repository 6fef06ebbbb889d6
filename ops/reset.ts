import { resolve } from 'node:path';
import { readConfig } from '#server/config.ts';
import { orExit } from '#server/process.ts';
import { emptyDataDirectory } from './data-directory.ts';

const { dataDirectory } = await orExit(() => readConfig(process.env));
const { left } = await orExit(() => emptyDataDirectory(dataDirectory));
console.log(`${resolve(dataDirectory)} is empty: npm start begins afresh.`);
if (left.length > 0) console.log(`Not ours, so still there: ${left.join(', ')}`);
