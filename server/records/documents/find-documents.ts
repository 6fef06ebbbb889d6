import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { issuedCertificates } from '../../certificates/certificates.table.ts';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import { Problem } from '../../problem.ts';
import { logAccess } from '../access-log/log-access.ts';
import type { Entry } from '../acts/act-entry.ts';
import { type Act, listActs } from '../acts/find-act.ts';
import { personsOf } from '../patients/persons.ts';
import { patientDocuments } from './documents.table.ts';
import { loggedAs } from './issue-document.ts';
import { mayPrintFor } from './may-sign.ts';

const signer = alias(professionals, 'signer');
const requester = alias(professionals, 'requester');
const successor = alias(issuedCertificates, 'successor');

/** Documents that fit, the latest first. */
async function selectDocuments(db: Database, where: SQL | undefined) {
  return db
    .select({
      id: patientDocuments.id,
      kind: patientDocuments.kind,
      patientId: patientDocuments.patientId,
      bilingual: patientDocuments.bilingual,
      issuedAt: patientDocuments.issuedAt,
      injectionId: patientDocuments.injectionId,
      withdrawnAt: patientDocuments.withdrawnAt,
      withdrawnReason: patientDocuments.withdrawnReason,
      replacedBy: patientDocuments.replacedBy,
      replacedByNumber: successor.number,
      signedBy: {
        id: signer.id,
        nationalIdentifier: signer.nationalIdentifier,
        familyName: signer.familyName,
        givenNames: signer.givenNames,
      },
      requestedBy: {
        id: requester.id,
        nationalIdentifier: requester.nationalIdentifier,
        familyName: requester.familyName,
        givenNames: requester.givenNames,
      },
      number: issuedCertificates.number,
      verificationCode: issuedCertificates.verificationCode,
      recordVersion: issuedCertificates.recordVersion,
      uvci: issuedCertificates.uvci,
      hc1: issuedCertificates.hc1,
      twoDDoc: issuedCertificates.twoDDoc,
    })
    .from(patientDocuments)
    .innerJoin(issuedCertificates, eq(issuedCertificates.id, patientDocuments.id))
    .innerJoin(signer, eq(signer.id, patientDocuments.signedBy))
    .innerJoin(requester, eq(requester.id, patientDocuments.requestedBy))
    .leftJoin(successor, eq(successor.id, patientDocuments.replacedBy))
    .where(where)
    .orderBy(desc(patientDocuments.issuedAt), desc(issuedCertificates.number));
}

/** A document of a patient as lists show it. */
export type PatientDocument = Awaited<ReturnType<typeof selectDocuments>>[number];

/** A document with how many acts of its kind the record tells that were entered since: it is true at its date. */
export type ListedDocument = PatientDocument & { readonly actsSince: number };

/** All that was issued of a person's record, withdrawn or not, the latest first; logged. */
export async function listDocuments(
  db: Database,
  entry: Entry,
  patientId: string,
  now: Date,
): Promise<readonly ListedDocument[]> {
  return db.transaction(async (tx) => {
    const found = await selectDocuments(tx, sql`${patientDocuments.patientId} in ${personsOf(patientId)}`);
    const { consultations, injections } = await listActs(tx, patientId);
    await logAccess(tx, { ...entry, patientId, action: 'document.list' }, now);
    return found.map((document) => {
      const isSince = ({ state, createdAt }: Act) => state === 'recorded' && createdAt > document.issuedAt;
      // An attestation tells the last injection, a summary everything.
      const told = document.kind === 'attestation' ? injections : [...consultations, ...injections];
      return { ...document, actsSince: told.filter(isSince).length };
    });
  });
}

/** One document of a patient, as just issued; the caller has logged why. @throws Problem 404 `no-such-document`. */
export async function getDocument(
  db: Database,
  { patientId, kind, id }: DocumentReference,
): Promise<PatientDocument> {
  const [found] = await selectDocuments(
    db,
    and(
      eq(patientDocuments.id, id),
      kind && eq(patientDocuments.kind, kind),
      sql`${patientDocuments.patientId} in ${personsOf(patientId)}`,
    ),
  );
  if (!found) throw new Problem(404, 'no-such-document');
  return found;
}

export interface DocumentReference {
  readonly patientId: string;
  /** Absent: whichever it is. */
  readonly kind?: PatientDocument['kind'];
  readonly id: string;
}

/**
 * The same for whoever acts only by delegation: without the codes of what they may not print, since each of them is the
 * certificate itself.
 */
export async function withPrintableCodes<Listed extends PatientDocument>(
  db: Database,
  entry: Entry,
  documents: readonly Listed[],
  now: Date,
): Promise<readonly Listed[]> {
  const printable = new Set<string>();
  const signers = new Map(documents.map(({ signedBy }) => [signedBy.id, signedBy]));
  for (const { id, nationalIdentifier } of signers.values()) {
    try {
      await mayPrintFor(db, entry, nationalIdentifier, now);
      printable.add(id);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'no-delegation') throw error;
    }
  }
  return documents.map((each) =>
    printable.has(each.signedBy.id) ? each : { ...each, hc1: null, twoDDoc: null },
  );
}

/**
 * A document to be printed or downloaded, with its bytes as they were signed, logged. Whoever acts only by delegation
 * prints what is signed by a professional who lets them print.
 * @throws Problem 404 `no-such-document`; 403 `no-delegation`.
 */
export async function printDocument(
  db: Database,
  entry: Entry,
  reference: DocumentReference,
  { onlyByDelegation }: { readonly onlyByDelegation: boolean },
  now: Date,
): Promise<PatientDocument & { readonly pdf: Buffer }> {
  const { patientId } = reference;
  return db.transaction(async (tx) => {
    const document = await getDocument(tx, reference);
    const { kind, signedBy } = document;
    if (onlyByDelegation) await mayPrintFor(tx, entry, signedBy.nationalIdentifier, now);
    const logged = onlyByDelegation
      ? loggedAs(entry, patientId, signedBy, kind, 'print')
      : { patientId, action: `${kind}.print` };
    await logAccess(tx, { ...entry, ...logged }, now);
    const [kept] = await tx
      .select({ pdf: issuedCertificates.document })
      .from(issuedCertificates)
      .where(eq(issuedCertificates.id, document.id));
    if (!kept) throw new Error('what was issued is kept');
    return { ...document, pdf: kept.pdf };
  });
}
