import { readConfig } from '#server/config.ts';
import { migrate } from '#server/database/migrate.ts';
import { orExit } from '#server/process.ts';

await orExit(async () => {
  const { databaseUrl } = readConfig(process.env);
  if (!databaseUrl) throw new Error('DATABASE_URL is missing: which database should be migrated?');
  await migrate(databaseUrl);
});
console.log('Migrations applied.');
