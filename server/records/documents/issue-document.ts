import { keepIssued } from '../../certificates/issue.ts';
import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import { logAccess } from '../access-log/log-access.ts';
import type { Entry, Person } from '../acts/act-entry.ts';
import { digestOf } from './document-content.ts';
import { patientDocuments } from './documents.table.ts';
import { lockPersons } from './lock-person.ts';
import { contentOf, type DocumentTools, makeDocument, type Wanted } from './make-document.ts';
import { signerOf } from './may-sign.ts';
import { getPersonRecord } from './person-record.ts';

export interface DocumentRequest extends Wanted {
  readonly patientId: string;
  /** National identifier of whoever answers for it; absent: who asks. */
  readonly signer?: string | undefined;
}

/** How often a document is made anew because its record changed meanwhile. */
const tries = 3;

/**
 * Makes and keeps a signed document of a patient's record, the access logged in the transaction that keeps it. Signing
 * takes long and is done before; if the record changed meanwhile, it is done again.
 * @param also runs in that transaction.
 * @returns the document's id.
 * @throws Problem 404 `no-such-patient`; 422 with why there can be none (`contentOf`, `makeDocument`); 403 of `signerOf`;
 *   503 `no-signing-key`, `documents-busy`, `access-not-logged`; 409 `record-changing`.
 */
export async function issueDocument(
  tools: DocumentTools,
  entry: Entry,
  asked: DocumentRequest,
  now: Date,
  also: (tx: Database, id: string) => Promise<void> = async () => {},
): Promise<string> {
  const { db, rules } = tools;
  for (let round = 0; round < tries; round += 1) {
    const read = await readAndDecide(tools, entry, asked, now);
    const { record, signer, content } = read;
    const subject = record.patient.id;
    const told = { subject, signer, bilingual: asked.bilingual, now };
    const prepared = await makeDocument(tools, content, told);
    const id = await db.transaction(async (tx) => {
      // First: it keeps whoever changes this record waiting, or makes us wait for what they leave.
      await lockPersons(tx, [subject], 'to issue');
      await logAccess(tx, { ...entry, ...loggedAs(entry, subject, signer, asked.kind, 'create') }, now);
      const since = await getPersonRecord(tx, asked.patientId);
      if (since.patient.id !== subject || since.version !== record.version) return undefined;
      const digest = digestOf(contentOf(asked, since, rules));
      const issued = await keepIssued(tx, prepared);
      await tx.insert(patientDocuments).values({
        id: issued.id,
        kind: asked.kind,
        patientId: subject,
        bilingual: asked.bilingual,
        signedBy: signer.id,
        requestedBy: entry.professional.id,
        injectionId: 'of' in content ? content.of : null,
        digest,
        issuedAt: now,
      });
      await also(tx, issued.id);
      return issued.id;
    });
    if (id !== undefined) return id;
  }
  throw new Problem(409, 'record-changing');
}

/** A refusal tells of the record, so that it is logged as a read. */
async function readAndDecide({ db, rules }: DocumentTools, entry: Entry, asked: DocumentRequest, now: Date) {
  const outcome = await db.transaction(async (tx) => {
    const record = await getPersonRecord(tx, asked.patientId);
    try {
      const { injectionId } = asked;
      if (injectionId && !record.injections.some(({ id }) => id === injectionId)) {
        throw new Problem(404, 'no-such-act');
      }
      const signer = await signerOf(tx, entry, record, asked.signer, now);
      return { record, signer, content: contentOf(asked, record, rules) };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      await logAccess(tx, { ...entry, patientId: record.patient.id, action: 'patient.read' }, now);
      return { problem: error };
    }
  });
  if ('problem' in outcome) throw outcome.problem;
  return outcome;
}

/** What of a document goes into the access log. */
export function loggedAs(
  { professional }: Pick<Entry, 'professional'>,
  patientId: string,
  signer: Pick<Person, 'id'>,
  kind: Wanted['kind'],
  done: 'create' | 'print' | 'renew' | 'withdraw',
) {
  const onBehalfOf = signer.id === professional.id ? null : signer.id;
  return { patientId, onBehalfOf, action: `${kind}.${done}` };
}
