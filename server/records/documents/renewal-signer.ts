import type { Person } from '../acts/act-entry.ts';
import type { DocumentContent } from './make-document.ts';
import type { PersonRecord } from './person-record.ts';

/** A record as it was known then: without the acts that were entered since. */
export function knownAt(record: PersonRecord, at: Date): PersonRecord {
  const isKnown = ({ createdAt }: { readonly createdAt: Date }) => createdAt <= at;
  return {
    ...record,
    consultations: record.consultations.filter(isKnown),
    injections: record.injections.filter(isKnown),
  };
}

/**
 * Who answers for what is issued in place of a document: whoever validated last, since it was issued, an act that it tells,
 * for they answer for the correction; else (a name was corrected, records were merged) who signed the first.
 */
export function signerOfRenewal(
  former: { readonly signer: Person; readonly issuedAt: Date },
  content: DocumentContent,
  { consultations, injections }: PersonRecord,
): Person {
  const told =
    'of' in content ? injections.filter(({ id }) => id === content.of) : [...consultations, ...injections];
  const [last] = told
    .filter(({ validatedAt }) => validatedAt !== null && validatedAt > former.issuedAt)
    .sort((one, other) => Number(other.validatedAt) - Number(one.validatedAt));
  return last?.validatedBy ?? former.signer;
}
