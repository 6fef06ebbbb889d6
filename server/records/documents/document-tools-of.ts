import type { Dependencies } from '../../dependencies.ts';
import type { DocumentTools } from './make-document.ts';

/** What issuing documents takes, of a process's dependencies. */
export async function documentToolsOf(
  deps: Pick<Dependencies, 'db' | 'config' | 'certificates' | 'recordRules'>,
): Promise<DocumentTools> {
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
