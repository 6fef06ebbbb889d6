/**
 * Purpose: issues what the records ask for: numbered, signed, kept as it is, revoked when it is withdrawn.
 * Entry points: `prepareSummary`, `prepareAttestation` and `keepIssued`, or both at once `issueSummary`, `issueAttestation`;
 *   `withdraw`, `findIssued`, `listIssued`.
 * May import: the rest of this folder, server/database. Who may ask, and the log of who did, are the records' business.
 *
 * To correct a record: `withdraw` each of `listIssued(subject)`, then issue anew with `replaces`. Signing comes before
 * writing, so that no transaction waits for a thread: what is prepared and never written is a number left out.
 */
import { randomInt, X509Certificate } from 'node:crypto';
import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { parisDay } from '../paris-day.ts';
import { issuedCertificates, issuedNumbers, revocations } from './certificates.table.ts';
import { doseNumbers, doseState } from './dcc/dose-numbers.ts';
import { type CertifiedInjection, composeDcc, signDcc } from './dcc/sign-dcc.ts';
import { canonicalUvci, newUvci } from './dcc/uvci.ts';
import { findVaccine } from './dcc/value-sets.ts';
import { type KeyStore, NoSigningKey } from './keys/key-store.ts';
import type { DocumentBase, SummaryData } from './pdf/document-data.ts';
import type { DocumentPool } from './pool/document-pool.ts';
import { type RevocationReason, restore, revoke } from './revocations.ts';
import type { Signer } from './signer.ts';
import type { SigningPurpose } from './trust-list.ts';
import { signTwoDDoc } from './two-d-doc/sign-two-d-doc.ts';
import { twoDDocReference } from './two-d-doc/two-d-doc-reference.ts';

export interface Issuing {
  readonly db: Database;
  readonly keys: KeyStore;
  readonly pool: DocumentPool;
  /** Who stands in certificates as their issuer (`config.certificates.issuer`). */
  readonly issuer: string;
  /** Where documents are checked: the service's public address, without a trailing slash. */
  readonly publicUrl: string;
  readonly timestampUrl?: string;
  readonly now: Date;
}

/** What stands on every document, but what is made here. */
export type DocumentRequest = Pick<DocumentBase, 'languages' | 'person' | 'validatedBy' | 'recordVersion'> & {
  /** Whose it is, as the records call the patient: never a NIR. */
  readonly subject: string;
  /** Id of what it is issued in place of. */
  readonly replaces?: string;
};

export type SummaryRequest = DocumentRequest & Pick<SummaryData, 'consultations' | 'injections'>;
export type AttestationRequest = DocumentRequest & {
  /** The last one; its person is the document's. */
  readonly injection: Omit<CertifiedInjection, 'person'>;
};

export type Issued = typeof issuedCertificates.$inferSelect;

/** How long a certificate of vaccination is in force. */
const validityMs = 2 * 365 * 86_400_000;

/** Without letters and digits that are taken for each other. */
const codeAlphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const reasons = {
  summary: 'Bilan de vaccination signé, valant certificat médical',
  attestation: 'Attestation de vaccination',
} as const;

/** What is signed and not yet kept: nobody has it before `keepIssued`. */
export interface Prepared {
  readonly kind: Issued['kind'];
  readonly request: DocumentRequest;
  readonly base: Base;
  readonly document: Uint8Array;
  readonly uvci?: string;
  readonly hc1?: string;
  readonly twoDDoc?: string;
  readonly now: Date;
}

/** Issues a signed summary. @throws NoSigningKey, PoolIsFull. */
export async function issueSummary(issuing: Issuing, request: SummaryRequest): Promise<Issued> {
  return keepIssued(issuing.db, await prepareSummary(issuing, request));
}

/** Renders and signs a summary. @throws NoSigningKey, PoolIsFull. */
export async function prepareSummary(issuing: Issuing, request: SummaryRequest): Promise<Prepared> {
  const { subject, replaces, ...data } = request;
  const signing = await terms(issuing, 'summary');
  const base = await documentBase(issuing, 'summary');
  const document = await issuing.pool.summary({ ...data, ...base }, signing);
  return { kind: 'summary', request, base, document, now: issuing.now };
}

/** Issues an attestation with its DCC and 2D-Doc, signed. @throws as `prepareAttestation`. */
export async function issueAttestation(issuing: Issuing, request: AttestationRequest): Promise<Issued> {
  return keepIssued(issuing.db, await prepareAttestation(issuing, request));
}

/**
 * Renders and signs an attestation with its DCC and 2D-Doc.
 * @throws CannotCertify when the person or the vaccine has no place in the certificates; NoSigningKey, PoolIsFull.
 */
export async function prepareAttestation(issuing: Issuing, request: AttestationRequest): Promise<Prepared> {
  const { injection: told, subject, replaces, ...data } = request;
  const { keys, now, issuer } = issuing;
  const injection: CertifiedInjection = { ...told, person: request.person };
  const uvci = newUvci('FR');
  const dccTerms = {
    uvci,
    issuer,
    country: 'FR',
    issuedAt: now,
    expiresAt: new Date(now.getTime() + validityMs),
  };
  const content = composeDcc(injection, dccTerms);
  const hc1 = await signDcc(content, dccTerms, unexpired('dcc', await keys.signer('dcc'), now));
  const twoDDocSigner = await keys.twoDDocSigner();
  unexpired('two_d_doc', twoDDocSigner.signer, now);
  const twoDDoc = await signTwoDDoc(injection, parisDay(now), twoDDocSigner);
  const { dn, sd } = doseNumbers(injection.dose, injection.booster);
  const signing = await terms(issuing, 'attestation');
  const base = await documentBase(issuing, 'attestation');
  const document = await issuing.pool.attestation(
    {
      ...data,
      ...base,
      vaccine: findVaccine(injection.vaccine)?.display ?? injection.vaccine,
      date: injection.date,
      rank: dn,
      expected: sd,
      state: doseState({ dn, sd }),
      hc1,
      uvci,
      twoDDoc,
    },
    signing,
  );
  return { kind: 'attestation', request, base, document, uvci, hc1, twoDDoc, now };
}

/**
 * Revokes what was issued: by its number, its UVCI, and the content of its 2D-Doc unless another document that stands has
 * the same; the document is kept, to answer for it.
 */
export async function withdraw(
  tx: Pick<Database, 'insert' | 'select'>,
  issued: Pick<Issued, 'number' | 'uvci'>,
  reason: RevocationReason,
  now: Date,
): Promise<void> {
  await revoke(tx, issued.number, reason, now);
  if (issued.uvci !== null) await revoke(tx, issued.uvci, reason, now);
  const twoDDoc = await findLastTwoDDoc(tx, issued.number);
  if (twoDDoc !== undefined) await revoke(tx, twoDDoc, reason, now);
}

/** The reference of a document's 2D-Doc, when no other document of the person that stands has the same. */
async function findLastTwoDDoc(tx: Pick<Database, 'select'>, number: string): Promise<string | undefined> {
  const [own] = await tx
    .select({ subject: issuedCertificates.subject, twoDDoc: issuedCertificates.twoDDoc })
    .from(issuedCertificates)
    .where(eq(issuedCertificates.number, number));
  const reference = twoDDocReference(own?.twoDDoc ?? '');
  if (!own || reference === undefined) return undefined;
  const standing = await tx
    .select({ twoDDoc: issuedCertificates.twoDDoc })
    .from(issuedCertificates)
    .leftJoin(revocations, eq(revocations.reference, issuedCertificates.number))
    .where(and(eq(issuedCertificates.subject, own.subject), isNull(revocations.reference)));
  const isShared = standing.some(({ twoDDoc }) => twoDDocReference(twoDDoc ?? '') === reference);
  return isShared ? undefined : reference;
}

/** What was issued under an id, its document as it was signed. */
export async function findIssued(db: Database, id: string): Promise<Issued | undefined> {
  const [row] = await db.select().from(issuedCertificates).where(eq(issuedCertificates.id, id));
  return row;
}

/** All that was issued of a subject, the latest first, without the documents. */
export async function listIssued(
  db: Database,
  subject: string,
): Promise<readonly Omit<Issued, 'document'>[]> {
  return db
    .select(withoutDocument)
    .from(issuedCertificates)
    .where(eq(issuedCertificates.subject, subject))
    .orderBy(desc(issuedCertificates.issuedAt), desc(issuedCertificates.number));
}

const withoutDocument = {
  id: issuedCertificates.id,
  kind: issuedCertificates.kind,
  number: issuedCertificates.number,
  verificationCode: issuedCertificates.verificationCode,
  subject: issuedCertificates.subject,
  recordVersion: issuedCertificates.recordVersion,
  uvci: issuedCertificates.uvci,
  hc1: issuedCertificates.hc1,
  twoDDoc: issuedCertificates.twoDDoc,
  issuedAt: issuedCertificates.issuedAt,
  replaces: issuedCertificates.replaces,
};

type Base = Pick<DocumentBase, 'number' | 'issuedAt' | 'verification'>;

/** Number and verification code of the next document of its kind: `BV-2021-000001`. */
async function documentBase({ db, now, publicUrl }: Issuing, kind: Issued['kind']): Promise<Base> {
  const series = `${kind === 'summary' ? 'BV' : 'AV'}-${parisDay(now).slice(0, 4)}`;
  const [row] = await db
    .insert(issuedNumbers)
    .values({ series, last: 1 })
    .onConflictDoUpdate({ target: issuedNumbers.series, set: { last: sql`${issuedNumbers.last} + 1` } })
    .returning({ last: issuedNumbers.last });
  if (!row) throw new Error('no number was given');
  const letters = Array.from({ length: 12 }, () => codeAlphabet[randomInt(codeAlphabet.length)]).join('');
  const code = letters.replace(/(.{4})(.{4})(.{4})/, '$1-$2-$3');
  return {
    number: `${series}-${String(row.last).padStart(6, '0')}`,
    issuedAt: now.toISOString(),
    verification: { url: `${publicUrl}/verifier`, code },
  };
}

/** @throws NoSigningKey for one whose certificate has expired: whoever verified what it signs would refuse it. */
function unexpired(purpose: SigningPurpose, signer: Signer, now: Date): Signer {
  const { validTo } = new X509Certificate(signer.certificate);
  if (now > new Date(validTo)) throw new NoSigningKey(purpose);
  return signer;
}

async function terms({ keys, now, timestampUrl }: Issuing, kind: Issued['kind']) {
  const signer = unexpired('document', await keys.signer('document'), now);
  return { signer, at: now, reason: reasons[kind], ...(timestampUrl !== undefined && { timestampUrl }) };
}

/** Keeps what was prepared, in the caller's transaction: from its commit on it is issued. */
export async function keepIssued(tx: Pick<Database, 'insert' | 'delete'>, made: Prepared): Promise<Issued> {
  const { kind, request, base, document, uvci, hc1, twoDDoc, now } = made;
  const [row] = await tx
    .insert(issuedCertificates)
    .values({
      kind,
      number: base.number,
      verificationCode: base.verification.code,
      subject: request.subject,
      recordVersion: request.recordVersion,
      document: Buffer.from(document),
      issuedAt: now,
      ...(uvci !== undefined && { uvci: canonicalUvci(uvci) }),
      ...(hc1 !== undefined && { hc1 }),
      ...(twoDDoc !== undefined && { twoDDoc }),
      ...(request.replaces !== undefined && { replaces: request.replaces }),
    })
    .returning();
  if (!row) throw new Error('the document was not kept');
  // A correction of what a 2D-Doc does not tell, on the same day, makes the same one again: it stands again.
  const reference = twoDDocReference(twoDDoc ?? '');
  if (reference !== undefined) await restore(tx, reference);
  return row;
}
