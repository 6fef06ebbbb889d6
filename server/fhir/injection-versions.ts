import { and, desc, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { professionals } from '../identity/identity.table.ts';
import type { Person } from '../records/acts/act-entry.ts';
import { injections, recordVersions } from '../records/acts/acts.table.ts';
import type { Injection } from '../records/acts/find-act.ts';

/** An injection as it was from one change to the next. */
export interface InjectionVersion {
  readonly injection: Injection;
  /** What made this version, and why; null of the first. */
  readonly change: { readonly kind: string; readonly reason: string | null } | null;
  /** Why it is set aside in this version; null when it stands. */
  readonly inErrorBecause: string | null;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Every version of an injection, the latest first, put together from how it is now and from what each change replaced.
 * @returns none when there is no such injection. Whoever shows them logs it.
 */
export async function injectionVersions(tx: Database, id: string): Promise<readonly InjectionVersion[]> {
  const { rows } = await tx.execute<{ row: Row }>(
    sql`select to_jsonb(${injections}) as row from ${injections} where ${injections.id} = ${id}::uuid`,
  );
  const now = rows[0]?.row;
  if (!now) return [];
  const changes = await tx
    .select()
    .from(recordVersions)
    .where(and(eq(recordVersions.kind, 'injection'), eq(recordVersions.recordId, id)))
    .orderBy(desc(recordVersions.version));
  const states: { row: Row; change: (typeof changes)[number] | undefined }[] = [];
  let row: Row = now;
  for (const change of changes) {
    states.push({ row: { ...row, version: change.version + 1, updated_at: change.changedAt }, change });
    row = { ...row, ...change.before };
  }
  states.push({ row: { ...row, version: 1, updated_at: row.created_at }, change: undefined });

  const people = await peopleOf(
    tx,
    states.flatMap(({ row }) => [row.performed_by, row.entered_by, row.validated_by]),
  );
  return states.map(({ row, change }, place) => {
    const setAside = states.slice(place).find((each) => each.change?.change === 'enter_in_error');
    return {
      injection: asInjection(row, people),
      change: change ? { kind: change.change, reason: change.reason } : null,
      inErrorBecause: row.state === 'recorded' ? null : (setAside?.change?.reason ?? null),
    };
  });
}

async function peopleOf(tx: Database, ids: readonly unknown[]): Promise<ReadonlyMap<unknown, Person>> {
  const known = [...new Set(ids)].filter((id) => typeof id === 'string');
  const { id, nationalIdentifier, familyName, givenNames } = professionals;
  const found = await tx
    .select({ id, nationalIdentifier, familyName, givenNames })
    .from(professionals)
    .where(inArray(id, known));
  return new Map(found.map((each) => [each.id, each]));
}

/** The row as the database writes it in JSON, as the declared table has it. */
function asInjection(row: Row, people: ReadonlyMap<unknown, Person>): Injection {
  const facts = Object.fromEntries(
    Object.entries(getTableColumns(injections)).map(([name, column]) => {
      const value = row[column.name] ?? null;
      // Already one: when a change was made. As a text it would lose its milliseconds.
      const isText = typeof value === 'string' && column.dataType === 'date';
      return [name, isText ? new Date(value) : value];
    }),
  );
  return {
    ...facts,
    kind: 'injection',
    performedBy: people.get(row.performed_by),
    enteredBy: people.get(row.entered_by),
    validatedBy: people.get(row.validated_by) ?? null,
    // Every column of the table, and the professionals that its rows point at.
  } as Injection;
}
