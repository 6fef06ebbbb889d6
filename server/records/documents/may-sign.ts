import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import { type Entry, type Person, personOf, refuseWithoutRight } from '../acts/act-entry.ts';
import { getDelegation } from '../delegations/delegations.ts';
import type { PersonRecord } from './person-record.ts';

/**
 * Who answers for a document of a record: whoever asks, when they may sign; or the professional of that national
 * identifier who let them print, and who validated something in the record.
 * @throws Problem 403 `may-not-…`, `no-delegation`, `document-not-theirs`.
 */
export async function signerOf(
  tx: Database,
  entry: Entry,
  record: PersonRecord,
  signer: string | undefined,
  now: Date,
): Promise<Person> {
  const { professional } = entry;
  if (signer === undefined || signer === professional.nationalIdentifier) {
    refuseWithoutRight(entry, 'summary.sign');
    return personOf(professional);
  }
  const { performer } = await mayPrintFor(tx, entry, signer, now);
  const acts = [...record.consultations, ...record.injections];
  if (!acts.some(({ validatedBy }) => validatedBy?.id === performer.id)) {
    const name = `${performer.givenNames} ${performer.familyName}`;
    throw new Problem(403, 'document-not-theirs', { parameters: { name } });
  }
  return performer;
}

/** @throws Problem 403 `no-delegation` unless that professional lets whoever asks print, now and where they are. */
export function mayPrintFor(tx: Database, { professional }: Entry, signer: string, now: Date) {
  const structure = professional.actingAs?.structure;
  const here = structure?.siteFiness ?? structure?.legalFiness ?? null;
  return getDelegation(tx, professional, signer, { at: now, placeFiness: here }, 'entry_and_print');
}
