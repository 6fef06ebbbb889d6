/** Runs an import in a process of its own: for tests that kill it. Arguments: url, import, instant; the keys in the environment. */
import { connect } from '#server/database/client.ts';
import { readConfig } from '../../../config.ts';
import { professionalRights } from '../../../identity/rights.table.ts';
import { nirVault } from '../../patients/nir-vault.ts';
import { loadRecordRules } from '../../rules/load-rules.ts';
import { runImport } from '../run-import.ts';

const [, , url = '', importId = '', at = ''] = process.argv;
const { db, close } = connect(url, { onIdleError: () => {} });
await runImport(
  {
    db,
    vault: nirVault(readConfig(process.env).records),
    rules: await loadRecordRules(db),
    rights: await db.select().from(professionalRights),
    now: () => new Date(at),
  },
  importId,
);
await close();
