import type { Certificates } from '../../certificates/open-certificates.ts';
import type { Config } from '../../config.ts';
import type { Database } from '../../database/client.ts';
import type { RecordRulesCache } from '../rules/load-rules.ts';
import type { DocumentTools } from './make-document.ts';

/** What issuing documents takes, of a process's dependencies. */
export async function documentToolsOf(deps: {
  readonly db: Database;
  readonly config: Pick<Config, 'certificates' | 'publicUrl'>;
  readonly certificates: Certificates;
  readonly recordRules: RecordRulesCache;
}): Promise<DocumentTools> {
  const { db, config, certificates, recordRules } = deps;
  const { issuer, timestampUrl } = config.certificates;
  return {
    db,
    rules: await recordRules.current(),
    certificates: {
      keys: certificates.keys,
      pool: certificates.pool,
      issuer,
      publicUrl: config.publicUrl,
      ...(timestampUrl !== undefined && { timestampUrl }),
    },
  };
}
