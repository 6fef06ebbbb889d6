import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { type Professional, type SessionProof, structureNumber } from '../../identity/professional.ts';
import { Problem } from '../../problem.ts';

/** Who looks or changes, and from where: what every command on a patient's record is given. */
export interface Access {
  readonly professional: Professional;
  /** The professional for whom a delegate acts, by `professionals.id`. */
  readonly onBehalfOf?: string | null;
  /** What is done, e.g. `patient.read`, `injection.create`. */
  readonly action: string;
  /** Method and pattern of the route, e.g. `GET /api/records/patients/:id`: never an address as it was asked. */
  readonly route: string;
  readonly requestId: string;
  /** What the first statement must prove, when the session was not read for this request (identity/session-proof.ts). */
  readonly proof?: SessionProof | undefined;
}

/** An access to the record of one patient; null: a search that found nobody. */
export interface PatientAccess extends Access {
  readonly patientId: string | null;
}

/**
 * Adds an entry to the end of the patient's part of the access log, in the caller's transaction: one statement.
 * Until that commits, whoever else logs the same patient waits; those of other patients do not. Call it after locking
 * the rows that the command changes, last if possible; for several patients use `logAccesses`.
 * @param asOf place of the last entry when what the command relies on was read (`untilCurrent`).
 * @throws Problem 503 `access-not-logged`: what was read must not be shown. The transaction is aborted.
 */
export async function logAccess(
  tx: Database,
  access: PatientAccess,
  now: Date,
  asOf?: number,
): Promise<void> {
  const entry = accessEntry(sql`${access.patientId}::uuid`, access, now, asOf);
  await refusingUnlogged(() => tx.execute(sql`select ${entry}`));
}

/**
 * Logs an access to each of several patients, once each, in one statement and in an order in which nobody waits in a
 * circle.
 * @throws Problem 503 `access-not-logged`.
 */
export async function logAccesses(
  tx: Database,
  patientIds: readonly string[],
  access: Access,
  now: Date,
): Promise<void> {
  if (patientIds.length === 0) return;
  const ids = sql.param([...new Set(patientIds)].sort());
  await refusingUnlogged(() =>
    tx.execute(sql`
      select ${accessEntry(sql`patient.id`, access, now)}
      from (select id from unnest(${ids}::uuid[]) id order by id) patient`),
  );
}

/**
 * Logs many accesses in one statement: of each patient in the order given, and the patients in that of their ids. Call
 * it last: the patients' chains stay locked until the caller commits.
 * @param asOf by patient, place of the last entry when what the command relies on was read (`untilCurrent`).
 * @throws Problem 503 `access-not-logged`.
 */
export async function logEach(
  tx: Database,
  accesses: readonly PatientAccess[],
  now: Date,
  asOf: ReadonlyMap<string, number>,
): Promise<void> {
  if (accesses.length === 0) return;
  const at = now.toISOString();
  const begun = new Set<string>();
  const entries = accesses.map(({ professional, onBehalfOf = null, patientId, action, route, requestId }) => {
    const isFirst = patientId !== null && !begun.has(patientId);
    if (isFirst) begun.add(patientId);
    return {
      patient: patientId,
      seen: isFirst ? asOf.get(patientId) : undefined,
      professional: professional.id,
      behalf: onBehalfOf,
      structure: structureOf(professional),
      action,
      route,
      request: requestId,
    };
  });
  await refusingUnlogged(() =>
    tx.execute(sql`
      select case when seen is null
        then log_access(patient, ${at}::timestamptz, professional, behalf, structure, action, route, request)
        else log_access_after(seen, patient, ${at}::timestamptz, professional, behalf, structure, action, route, request)
      end
      from (
        select * from rows from (json_to_recordset(${JSON.stringify(entries)}::json) as (patient uuid, seen integer,
          professional uuid, behalf uuid, structure text, action text, route text, request text)) with ordinality
        order by patient, ordinality) entry`),
  );
}

/**
 * The call that writes an entry, for a command that reads or changes in one statement and logs in the same one: its
 * caller sees that it runs exactly once for each patient, in the order of their ids. Wrap the statement's execution in
 * `refusingUnlogged`.
 */
export function accessEntry(patientId: SQL, access: Access, at: Date, asOf?: number): SQL<number | null> {
  const { professional, onBehalfOf = null, action, route, requestId } = access;
  const said = sql`${patientId}, ${at.toISOString()}::timestamptz, ${professional.id}::uuid, ${onBehalfOf}::uuid,
    ${structureOf(professional)}::text, ${action}::text, ${route}::text, ${requestId}::text`;
  return asOf === undefined
    ? sql<number | null>`log_access(${said})`
    : sql<number | null>`log_access_after(${asOf}::integer, ${said})`;
}

/** The number of the structure acted for (`structureNumber`); null when none. */
export function structureOf({ actingAs }: Pick<Professional, 'actingAs'>): string | null {
  return structureNumber(actingAs?.structure);
}

/**
 * Runs what reads and logs; a failure that is not one of ours becomes the refusal to show anything.
 * @throws Problem 503 `access-not-logged`.
 */
export async function refusingUnlogged<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem(503, 'access-not-logged', { cause });
  }
}
