import { readConfig } from '#server/config.ts';
import { grantApplicationRole } from '#server/database/application-role.ts';
import { migrate } from '#server/database/migrate.ts';
import { orExit } from '#server/process.ts';

await orExit(async () => {
  const { databaseUrl, applicationRole } = readConfig(process.env);
  if (!databaseUrl) throw new Error('DATABASE_URL is missing: which database should be migrated?');
  await migrate(databaseUrl);
  console.log('Migrations applied.');
  if (applicationRole === undefined) return;
  await grantApplicationRole(databaseUrl, applicationRole);
  console.log(`${applicationRole} has what servers and workers need, and only reads the access log.`);
});
