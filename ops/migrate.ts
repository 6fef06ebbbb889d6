import { readConfig } from '#server/config.ts';
import { migrate } from '#server/database/migrate.ts';

const config = readConfig(process.env);
if (!config.databaseUrl) throw new Error('DATABASE_URL is missing: which database should be migrated?');
await migrate(config.databaseUrl);
console.log('Migrations applied.');
