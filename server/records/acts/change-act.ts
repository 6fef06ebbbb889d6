import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import { logAccess } from '../access-log/log-access.ts';
import type { Authority } from '../delegations/delegations.ts';
import { askForRenewal } from '../documents/ask-for-renewal.ts';
import { authorityToChange, onBehalf } from './act-authority.ts';
import type { Entry } from './act-entry.ts';
import { consultations, injections, recordVersions } from './acts.table.ts';
import { type Act, type ActKind, getAct } from './find-act.ts';

/** Which act is changed, and as which version the one who changes it saw it. */
export interface ActReference {
  readonly kind: ActKind;
  readonly patientId: string;
  readonly id: string;
  /** Undefined: whichever it is now. */
  readonly version: number | undefined;
}

export interface ActChange {
  readonly change: 'correct' | 'enter_in_error' | 'restore' | 'validate';
  readonly reason: string | null;
  /** Columns to set, by their names in the declared table. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Place of the last entry of the access log when what this was decided by was read; within `untilCurrent` only. */
  readonly asOf?: number;
}

/**
 * The one way in which an act changes: read, decided on, and changed if it is still what was read, with its history and
 * its entry in the access log, in one transaction. A refusal that tells of the record is logged as a read.
 *
 * @param decide says what changes, or undefined when there is nothing to do; its problems are thrown after the log.
 * @throws Problem 404 `no-such-act`; 412 `stale-record` with the `version` it has, `changedBy` and `changedAt`;
 *   409 `same-act` when the same vaccine already stands on that day; 403 of `authorityToChange`; whatever `decide` throws.
 */
export async function changeAct(
  db: Database,
  entry: Entry,
  reference: ActReference,
  decide: (
    act: Act,
    authority: Authority,
    tx: Database,
  ) => ActChange | undefined | Promise<ActChange | undefined>,
  now: Date,
  authorise: (db: Database, entry: Entry, act: Act) => Promise<Authority> = authorityToChange,
): Promise<Act> {
  const { kind, patientId, id } = reference;
  const outcome = await db.transaction(async (tx): Promise<{ act: Act } | { problem: Problem }> => {
    const refuse = async (problem: Problem) => {
      await logAccess(tx, { ...entry, patientId, action: `${kind}.read` }, now);
      return { problem };
    };
    const act = await getAct(tx, kind, patientId, id);
    if (reference.version !== undefined && act.version !== reference.version) {
      return refuse(await staleProblem(tx, act));
    }
    let authority: Authority;
    let decided: ActChange | undefined;
    try {
      authority = await authorise(tx, entry, act);
      decided = await decide(act, authority, tx);
    } catch (error) {
      if (error instanceof Problem) return refuse(error);
      throw error;
    }
    if (!decided) {
      // As it was already: whoever asked is shown it.
      await logAccess(tx, { ...entry, patientId, action: `${kind}.read` }, now);
      return { act };
    }
    const changed = await store(tx, entry, act, decided, now);
    if (!changed) return refuse(await staleProblem(tx, await getAct(tx, kind, patientId, id)));
    await askForRenewal(tx, [patientId], entry.professional.id, now);
    const action = `${kind}.${decided.change}`;
    const access = { ...entry, patientId, action, onBehalfOf: onBehalf(entry, authority) };
    await logAccess(tx, access, now, decided.asOf);
    return { act: await getAct(tx, kind, patientId, id) };
  });
  if ('problem' in outcome) throw outcome.problem;
  return outcome.act;
}

/** Somebody else changed it first: who, when, and which version it has now. */
async function staleProblem(tx: Database, { kind, id, version }: Act): Promise<Problem> {
  const [last] = (
    await tx.execute<{ name: string; at: Date; change: string }>(sql`
      select given_names || ' ' || family_name as name, changed_at as at, change
      from ${recordVersions} join professionals on professionals.id = changed_by
      where kind = ${kind} and record_id = ${id} order by version desc limit 1`)
  ).rows;
  return new Problem(412, 'stale-record', {
    parameters: { name: last?.name ?? '–' },
    extensions: {
      version,
      ...(last && {
        changedBy: last.name,
        changedAt: new Date(last.at).toISOString(),
        change: last.change,
      }),
    },
  });
}

/**
 * Compare-and-set with its history. A writer that waited for another's lock sees the version checked again on what the
 * other left; one who only refers to it does not wait. Of the row before and after, what differs is kept.
 */
async function store(
  tx: Database,
  { professional }: Entry,
  act: Act,
  { change, reason, set }: ActChange,
  now: Date,
): Promise<boolean> {
  const table = act.kind === 'injection' ? injections : consultations;
  const columns = table as unknown as Readonly<Record<string, typeof table.id>>;
  const assignments = Object.entries({ ...set, updatedAt: now }).map(([name, value]): SQL => {
    const column = columns[name];
    if (!column) throw new Error(`no column ${name} in what is to be changed`);
    return sql`${sql.identifier(column.name)} = ${sql.param(value, column)}`;
  });
  const differing = (one: SQL, other: SQL) => sql`(
    select coalesce(jsonb_object_agg(field.key, field.value), '{}')
    from jsonb_each(to_jsonb(${one})) field
    where field.key not in ('version', 'updated_at')
      and field.value is distinct from to_jsonb(${other}) -> field.key)`;
  const { rows } = await tx.execute(sql`
    with former as (
      select * from ${table} where id = ${act.id} and version = ${act.version} for no key update
    ), latter as (
      update ${table} set version = ${table}.version + 1, ${sql.join(assignments, sql`, `)}
      from former where ${table}.id = former.id returning ${table}.*
    )
    insert into ${recordVersions}
      (kind, record_id, version, patient_id, changed_at, changed_by, change, reason, before, after)
    select ${act.kind}, former.id, former.version, former.patient_id, ${now.toISOString()}::timestamptz,
      ${professional.id}::uuid, ${change}, ${reason}::text,
      ${differing(sql`former`, sql`latter`)}, ${differing(sql`latter`, sql`former`)}
    from former join latter on latter.id = former.id
    returning record_id`);
  return rows.length > 0;
}
