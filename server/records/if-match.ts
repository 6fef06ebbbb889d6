/**
 * Purpose: the vaccination records, a folder for each part; here is only what several of them share.
 * Entry points: patients/, acts/, adverse-events/, delegations/, documents/, imports/, access-log/, retention/, rules/.
 * May import: server/identity, server/certificates, server/directory, server/database, server/http (routes only). Never server/cases.
 */
import { Problem } from '../problem.ts';

/** The ETag of a version. */
export function etagOf({ version }: { readonly version: number }): string {
  return `"${version}"`;
}

/**
 * The version that a change was decided on; undefined for `*`, whichever there is.
 * @throws Problem 428 `version-needed` when the header is missing; 412 `stale-record` when it names none of ours.
 */
export function readIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '') throw new Problem(428, 'version-needed');
  if (header.trim() === '*') return undefined;
  const version = /^(?:W\/)?"([1-9]\d{0,8})"$/.exec(header.trim())?.[1];
  if (version === undefined) throw new Problem(412, 'stale-record', { parameters: { name: '–' } });
  return Number(version);
}
