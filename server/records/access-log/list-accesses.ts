import { and, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Database } from '../../database/client.ts';
import { professionals, structuresActedFor } from '../../identity/identity.table.ts';
import { Problem } from '../../problem.ts';
import type { PatientRecord } from '../patients/find-patient.ts';
import { patients } from '../patients/patients.table.ts';
import { personsOf } from '../patients/persons.ts';
import { accessLog } from './access-log.table.ts';
import { followsPatient } from './follows-patient.ts';
import { type Access, logAccess } from './log-access.ts';

/** One access, as the patient may be told of it. */
export interface ListedAccess {
  readonly id: number;
  readonly at: Date;
  readonly professional: string;
  readonly onBehalfOf: string | null;
  /** Its number, as it was logged. */
  readonly structure: string | null;
  /** What whoever acted for it then called it; null when that was not kept. */
  readonly structureName: string | null;
  readonly action: string;
  readonly route: string;
}

export interface AccessList {
  /** Whose it is. */
  readonly record: PatientRecord;
  readonly entries: readonly ListedAccess[];
  /** `before` of the next page, when there is one. */
  readonly next?: number;
}

/** How many a page holds: what an A4 list prints at once. */
const pageSize = 500;

export interface ListOptions {
  /** `next` of the page before. */
  readonly before?: number | undefined;
  /** Whoever asks acts by delegation alone: the list is not theirs to give. */
  readonly onlyByDelegation: boolean;
}

/**
 * Who read or changed a patient's record and those merged into it, latest first, for a professional who follows the
 * patient and is asked for it; reading this is logged first, and is in it, and so is being refused.
 * @throws Problem 404 `no-such-patient`; 403 `accesses-not-theirs`; 503 `access-not-logged`.
 */
export async function listAccesses(
  db: Database,
  patientId: string,
  access: Access,
  now: Date,
  { before, onlyByDelegation }: ListOptions,
): Promise<AccessList> {
  const listed = await db.transaction(async (tx) => {
    const [record] = await tx.select().from(patients).where(eq(patients.id, patientId));
    if (!record) throw new Problem(404, 'no-such-patient');
    if (onlyByDelegation || !(await followsPatient(tx, access.professional.id, patientId))) {
      await logAccess(tx, { ...access, patientId, action: 'access.refuse' }, now);
      return undefined;
    }
    await logAccess(tx, { ...access, patientId }, now);
    const entries = await tx
      .select({
        id: accessLog.id,
        at: accessLog.at,
        professional: fullName(professionals),
        onBehalfOf: sql<string | null>`${fullName(delegators)}`,
        structure: accessLog.structure,
        structureName,
        action: accessLog.action,
        route: accessLog.route,
      })
      .from(accessLog)
      .innerJoin(professionals, eq(professionals.id, accessLog.professionalId))
      .leftJoin(delegators, eq(delegators.id, accessLog.onBehalfOf))
      .where(
        and(
          inArray(accessLog.patientId, personsOf(patientId)),
          before === undefined ? undefined : lt(accessLog.id, before),
        ),
      )
      .orderBy(desc(accessLog.id))
      .limit(pageSize + 1);
    const last = entries.length > pageSize ? entries[pageSize - 1] : undefined;
    return { record, entries: entries.slice(0, pageSize), ...(last && { next: last.id }) };
  });
  if (!listed) throw new Problem(403, 'accesses-not-theirs');
  return listed;
}

/** The last name told up to the access, or else the first one told after it. */
const structureName = sql<string | null>`(
  select told.name from ${structuresActedFor} told
  where told.professional_id = ${accessLog.professionalId} and told.number = ${accessLog.structure}
  order by told.since <= ${accessLog.at} desc,
    case when told.since <= ${accessLog.at} then told.since end desc, told.since
  limit 1)`;

const delegators = alias(professionals, 'delegators');

function fullName(of: typeof professionals | typeof delegators) {
  return sql<string>`${of.givenNames} || ' ' || ${of.familyName}`;
}
