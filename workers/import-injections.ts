import { runImport } from '#server/records/imports/run-import.ts';
import { nirVault } from '#server/records/patients/nir-vault.ts';
import type { JobContext } from './job-context.ts';
import type { Payload } from './queues.ts';

/** Records what waits of a centre's file; killed anywhere, the next try goes on where it was. */
export async function importInjections(
  { importId }: Payload<'import-injections'>,
  { db, clock, config, recordRules, identity }: JobContext,
): Promise<void> {
  const tools = {
    db,
    vault: nirVault(config.records),
    rules: await recordRules.current(),
    rights: await identity.rights.current(),
    now: () => clock.now(),
  };
  await runImport(tools, importId);
}
