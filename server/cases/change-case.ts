import { and, type SQL, sql, type WithSubquery } from 'drizzle-orm';
import type { PgInsertValue, PgUpdateSetSource } from 'drizzle-orm/pg-core';
import { callbacks } from '../callbacks/callbacks.table.ts';
import type { Database } from '../database/client.ts';
import { outbox } from '../database/outbox.table.ts';
import { type CaseEventKind, caseEvents, caseMessages, caseSearch, cases } from './cases.table.ts';
import { rankOf } from './queue-order.ts';

/** A case as it is stored. */
export type CaseRecord = typeof cases.$inferSelect;

/** Who makes a change. An agent's id may be a placeholder of a prepared statement. */
export type Actor =
  | { readonly kind: 'agent'; readonly agentId: string | SQL }
  | { readonly kind: 'practitioner' | 'system' };

export interface NewCaseEvent {
  readonly kind: CaseEventKind;
  /** Identifiers and codes only; words said go in `message`. */
  readonly data?: Readonly<Record<string, string | number | boolean>> | SQL;
  /** The hotline in whose log the event belongs, when it is not the one the case now has. */
  readonly hotlineId?: string;
}

/** What goes with a change to a case, in the same statement: all of it is stored, or none. */
export interface Consequences {
  readonly at: Date | SQL;
  readonly by: Actor;
  /** What happened, in order. */
  readonly events: readonly [NewCaseEvent, ...NewCaseEvent[]];
  readonly message?: { readonly body: string; readonly internal: boolean };
  /** Jobs to hand over after the commit: their payload is `{ caseId }`, or `{ messageId }` of `message`. */
  readonly outbox?: readonly {
    readonly job: string;
    readonly about: 'case' | 'message';
    readonly notBefore?: Date;
  }[];
}

export interface CaseChange extends Consequences {
  /** All must hold on the case's latest version, or nothing happens. */
  readonly where: readonly [SQL, ...SQL[]];
  readonly set: Omit<PgUpdateSetSource<typeof cases>, 'number' | 'version'>;
  /** Tables computed first, under the names by which `where` and `set` speak of them. */
  readonly given?: readonly WithSubquery[];
}

/**
 * The one way in which a case changes: a compare-and-set with its history, its message and its jobs, in one
 * statement. A writer that waited for another's lock sees `where` checked again on what the other left.
 * @returns the case after the change, or undefined when `where` did not hold: the command says why.
 */
export async function changeCase(db: Database, change: CaseChange): Promise<CaseRecord | undefined> {
  const [changed] = await caseChange(db, change);
  return changed;
}

/**
 * The statement of `changeCase`, for a command that prepares it once. Gives at most one case. Whoever finishes a case,
 * nobody is called back about it any more.
 */
export function caseChange(db: Database, { where, set, given = [], ...consequences }: CaseChange) {
  const finishes = set.state === 'resolved' || set.state === 'closed';
  const update = db
    .update(cases)
    .set({ ...set, ...(finishes && afterTheCall), version: sql`${cases.version} + 1` })
    .where(and(...where))
    .returning();
  const changed = db.$with('changed').as(update);
  const settled = db.$with('settled', {}).as(sql`
    update ${callbacks} set state = 'settled', ended_at = ${consequences.at}::timestamptz
    from changed where ${callbacks.caseId} = changed.id and ${callbacks.state} = 'booked'`);
  return withConsequences(db, changed, consequences, given, finishes ? [settled] : [])
    .select()
    .from(changed);
}

/** Nothing is left of a callback: neither its time, nor the priority that it raised, unless an agent changed it since. */
const afterTheCall = {
  callbackAt: null,
  priorityRank: sql`coalesce((
    select ${callbacks.raisedFrom} from ${callbacks}
    where ${callbacks.caseId} = ${cases.id} and ${callbacks.state} = 'booked'
      and ${cases.priorityRank} = ${rankOf('urgent')}), ${cases.priorityRank})`,
};

/**
 * The statement that opens a case with its history, message and jobs, for a command that prepares it once. Gives what
 * its caller cannot know yet, or nothing when the wizard session already has a case.
 */
export function caseOpening(db: Database, opening: PgInsertValue<typeof cases>, consequences: Consequences) {
  const insert = db
    .insert(cases)
    .values(opening)
    .onConflictDoNothing({ target: cases.wizardSessionId })
    .returning({
      id: cases.id,
      number: cases.number,
      hotlineId: cases.hotlineId,
      version: cases.version,
      contactName: cases.contactName,
      contactEmail: cases.contactEmail,
      contactPhone: cases.contactPhone,
      rpps: cases.rpps,
    });
  const changed = db.$with('changed').as(insert);
  const searchable = db.$with('searchable', {}).as(sql`
    insert into ${caseSearch} (case_id, terms)
    select id, case_terms(number, contact_name, contact_email, contact_phone, rpps) from changed`);
  return withConsequences(db, changed, consequences, [], [searchable])
    .select({ id: changed.id, number: changed.number })
    .from(changed);
}

/**
 * What goes with a change, as tables beside `changed`, which has the case's `id`, `hotline_id` and `version`; first
 * what is `given`, last what `others` add.
 *
 * Everything that is read from `changed` runs once the case's row is locked: so events of one case get their
 * ids, by which its history is ordered, in the order in which its changes commit.
 */
function withConsequences(
  db: Database,
  changed: WithSubquery,
  { at, by, events, message, outbox: jobs = [] }: Consequences,
  given: readonly WithSubquery[],
  others: readonly WithSubquery[] = [],
) {
  const instant = sql`${at}::timestamptz`;
  const agentId = sql`${by.kind === 'agent' ? by.agentId : null}::uuid`;
  const rows = events.map(
    ({ kind, data = {}, hotlineId = null }) => sql`(${kind}, ${data}::jsonb, ${hotlineId}::text)`,
  );
  const recorded = db.$with('recorded', {}).as(sql`
    insert into ${caseEvents} (case_id, hotline_id, kind, version, at, actor, agent_id, data)
    select changed.id, coalesce(event.hotline_id, changed.hotline_id), event.kind, changed.version,
      ${instant}, ${by.kind}::text, ${agentId}, event.data
    from changed, (values ${sql.join(rows, sql`, `)}) as event (kind, data, hotline_id)`);
  const said = db.$with('said', {}).as(sql`
    insert into ${caseMessages} (case_id, author, agent_id, internal, body, at)
    select changed.id, ${by.kind}::text, ${agentId}, ${message?.internal}::boolean, ${message?.body}::text, ${instant}
    from changed returning id`);
  const deferred = jobs.map(({ job, about, notBefore }, place) =>
    db.$with(`deferred_${place + 1}`, {}).as(sql`
      insert into ${outbox} (job, payload, not_before, created_at)
      select ${job}::text, jsonb_build_object(${`${about}Id`}::text, id), ${notBefore ?? at}::timestamptz, ${instant}
      from ${about === 'case' ? sql`changed` : sql`said`}`),
  );
  return db.with(...given, changed, recorded, ...(message ? [said] : []), ...deferred, ...others);
}
