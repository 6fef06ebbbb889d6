import { and, desc, eq, gt, isNull, sql } from 'drizzle-orm';
import { issuedCertificates } from '../../certificates/certificates.table.ts';
import { keepIssued, type Prepared, withdraw } from '../../certificates/issue.ts';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import { Problem } from '../../problem.ts';
import { type Access, logAccess } from '../access-log/log-access.ts';
import { type Person, personOf } from '../acts/act-entry.ts';
import { recordVersions } from '../acts/acts.table.ts';
import { personsOf } from '../patients/persons.ts';
import type { RecordRules } from '../rules/load-rules.ts';
import { digestOf } from './document-content.ts';
import { patientDocuments } from './documents.table.ts';
import { lockPersons } from './lock-person.ts';
import { contentOf, type DocumentContent, type DocumentTools, makeDocument } from './make-document.ts';
import { getPersonRecord, type PersonRecord } from './person-record.ts';
import { knownAt, signerOfRenewal } from './renewal-signer.ts';

/** What was issued and may have to be renewed, with who signed it. */
type Renewable = typeof patientDocuments.$inferSelect & {
  readonly number: string;
  readonly uvci: string | null;
  readonly signer: Person;
};

export interface Renewal {
  readonly withdrawn: number;
  readonly issued: number;
}

/**
 * After a change to a record: withdraws what was issued of it and is no longer true, then issues it anew. Each step is
 * a transaction of its own; killed between them, the next run issues what was withdrawn and not replaced. What cannot be
 * issued any more stays withdrawn, until a change (an act restored or validated) lets it be.
 * @throws Problem 503 `no-signing-key`, `documents-busy`: the job is tried again.
 */
export async function renewDocuments(
  tools: DocumentTools,
  { patientId, changedBy }: { readonly patientId: string; readonly changedBy: string },
  now: Date,
): Promise<Renewal> {
  const { db, rules } = tools;
  const who = await changerOf(db, changedBy);
  const read = await readRecord(db, patientId);
  // Archived meanwhile, with its documents.
  if (!read || !who) return { withdrawn: 0, issued: 0 };
  const root = read.patient.id;
  let [withdrawn, issued] = [0, 0];
  for (const document of await findRenewable(db, root)) {
    const record = await getPersonRecord(db, root);
    const content = orNothing(() => contentOf(document, record, rules));
    if (document.withdrawnAt === null && stillTrue(document, record, rules)) continue;
    if (document.withdrawnAt === null && (await withdrawOne(db, document, root, who, now))) withdrawn += 1;
    if (!content || (await hasSuccessor(db, document, root))) continue;
    const signer = signerOfRenewal(document, content, record);
    const told = { subject: document.patientId, signer, bilingual: document.bilingual, now };
    const prepared = await makeOrNothing(tools, content, { ...told, replaces: document.id });
    const asked = { document, root, signer, version: record.version, digest: digestOf(content) };
    if (prepared && (await replace(db, prepared, asked, who, now))) issued += 1;
  }
  return { withdrawn, issued };
}

/**
 * Whether a document says what the record said of the acts that were there: what was entered since does not make it untrue at
 * its date, and it stands beside them.
 */
function stillTrue(document: Renewable, record: PersonRecord, rules: RecordRules): boolean {
  const same = (told: PersonRecord) => {
    const content = orNothing(() => contentOf(document, told, rules));
    return content !== undefined && digestOf(content).equals(document.digest);
  };
  return same(knownAt(record, document.issuedAt)) || same(record);
}

async function changerOf(db: Database, id: string): Promise<Omit<Access, 'action'> | undefined> {
  const [found] = await db.select().from(professionals).where(eq(professionals.id, id));
  if (!found) return undefined;
  const { nationalIdentifier, rpps, familyName, givenNames } = found;
  const professional = {
    id,
    nationalIdentifier,
    rpps,
    familyName,
    givenNames,
    actingAs: null,
    sessionId: '',
  };
  return { professional, route: 'job renew-documents', requestId: 'renew-documents' };
}

async function readRecord(db: Database, patientId: string) {
  try {
    return await getPersonRecord(db, patientId);
  } catch (error) {
    if (error instanceof Problem && error.statusCode === 404) return undefined;
    throw error;
  }
}

/** What stands, and what was withdrawn without anything in its place: the earliest first. */
async function findRenewable(db: Database, root: string): Promise<readonly Renewable[]> {
  const rows = await db
    .select({
      document: patientDocuments,
      number: issuedCertificates.number,
      uvci: issuedCertificates.uvci,
      signer: professionals,
    })
    .from(patientDocuments)
    .innerJoin(issuedCertificates, eq(issuedCertificates.id, patientDocuments.id))
    .innerJoin(professionals, eq(professionals.id, patientDocuments.signedBy))
    .where(and(isNull(patientDocuments.replacedBy), sql`${patientDocuments.patientId} in ${personsOf(root)}`))
    .orderBy(patientDocuments.issuedAt, issuedCertificates.number);
  return rows.map(({ document, number, uvci, signer }) => ({
    ...document,
    number,
    uvci,
    signer: personOf({ ...signer, actingAs: null, sessionId: '' }),
  }));
}

function orNothing(content: () => DocumentContent): DocumentContent | undefined {
  try {
    return content();
  } catch (error) {
    if (error instanceof Problem && error.statusCode === 422) return undefined;
    throw error;
  }
}

async function makeOrNothing(...made: Parameters<typeof makeDocument>): Promise<Prepared | undefined> {
  try {
    return await makeDocument(...made);
  } catch (error) {
    if (error instanceof Problem && error.statusCode === 422) return undefined;
    throw error;
  }
}

/** @returns false when another run has withdrawn it. */
async function withdrawOne(
  db: Database,
  { id, kind, number, uvci }: Renewable,
  patientId: string,
  who: Omit<Access, 'action'>,
  now: Date,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    await logAccess(tx, { ...who, patientId, action: `${kind}.withdraw` }, now);
    const [last] = await tx
      .select({ change: recordVersions.change })
      .from(recordVersions)
      .where(sql`${recordVersions.patientId} in ${personsOf(patientId)}`)
      .orderBy(desc(recordVersions.changedAt), desc(recordVersions.version), desc(recordVersions.recordId))
      .limit(1);
    const reason = last?.change === 'enter_in_error' ? 'entered_in_error' : 'corrected';
    const changed = await tx
      .update(patientDocuments)
      .set({ withdrawnAt: now, withdrawnReason: reason })
      .where(and(eq(patientDocuments.id, id), isNull(patientDocuments.withdrawnAt)))
      .returning({ id: patientDocuments.id });
    if (changed.length > 0) await withdraw(tx, { number, uvci }, reason, now);
    return changed.length > 0;
  });
}

/** Whether somebody has had one of its kind issued since, which stands: then nothing is missing. */
async function hasSuccessor(
  db: Database,
  { kind, issuedAt, withdrawnAt }: Renewable,
  root: string,
): Promise<boolean> {
  if (withdrawnAt === null) return false;
  const found = await db
    .select({ id: patientDocuments.id })
    .from(patientDocuments)
    .where(
      and(
        eq(patientDocuments.kind, kind),
        isNull(patientDocuments.withdrawnAt),
        gt(patientDocuments.issuedAt, issuedAt),
        sql`${patientDocuments.patientId} in ${personsOf(root)}`,
      ),
    )
    .limit(1);
  return found.length > 0;
}

/** @returns false when another run has replaced it, or the record changed meanwhile: its own job is on its way. */
async function replace(
  db: Database,
  prepared: Prepared,
  asked: {
    readonly document: Renewable;
    readonly root: string;
    readonly signer: Person;
    readonly version: number;
    readonly digest: Buffer;
  },
  who: Omit<Access, 'action'>,
  now: Date,
): Promise<boolean> {
  const { document, root, signer, version, digest } = asked;
  return db.transaction(async (tx) => {
    await lockPersons(tx, [root], 'to issue');
    const [old] = await tx
      .select({ replacedBy: patientDocuments.replacedBy })
      .from(patientDocuments)
      .where(eq(patientDocuments.id, document.id))
      .for('update');
    if (!old || old.replacedBy !== null) return false;
    await logAccess(tx, { ...who, patientId: root, action: `${document.kind}.renew` }, now);
    const since = await getPersonRecord(tx, root);
    if (since.version !== version || since.patient.id !== root) return false;
    const { id } = await keepIssued(tx, prepared);
    await tx.insert(patientDocuments).values({
      id,
      kind: document.kind,
      // The record it was asked of: parted again from the one it was merged into, that one has its own.
      patientId: document.patientId,
      bilingual: document.bilingual,
      signedBy: signer.id,
      requestedBy: document.requestedBy,
      // The one that was asked for at first: should it be restored, it is attested again.
      injectionId: document.injectionId,
      digest,
      issuedAt: now,
    });
    await tx.update(patientDocuments).set({ replacedBy: id }).where(eq(patientDocuments.id, document.id));
    return true;
  });
}
