import { runImport } from '#server/records/imports/run-import.ts';
import { nirVault } from '#server/records/patients/nir-vault.ts';
import type { JobContext } from './job-context.ts';
import type { Payload } from './queues.ts';

/** A file goes on in another job after this long: other jobs have their turn, and a worker that stops need not wait. */
const turnMs = 8_000;

/** Records what waits of a centre's file, for a while; killed anywhere, the next try goes on where it was. */
export async function importInjections(
  { importId }: Payload<'import-injections'>,
  { db, clock, config, recordRules, identity, doorbell }: JobContext,
): Promise<void> {
  const begun = performance.now();
  const tools = {
    db,
    vault: nirVault(config.records),
    rules: await recordRules.current(),
    rights: await identity.rights.current(),
    now: () => clock.now(),
    stopping: () => performance.now() - begun > turnMs,
  };
  if ((await runImport(tools, importId)) === 'goes-on') doorbell.ring();
}
