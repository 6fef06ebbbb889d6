import { type SQL, sql } from 'drizzle-orm';
import { professionals } from '../../identity/identity.table.ts';
import { isInTraining } from './act-authority.ts';
import { type Entry, validatesOwn } from './act-entry.ts';
import type { adverseEvents, consultations, injections } from './acts.table.ts';

/**
 * Whether a row of that table waits for one's validation: what others entered for oneself, and what somebody in
 * training did on their own at the site that one acts for (as `supervises` says of one).
 */
export function awaits(
  table: typeof injections | typeof consultations | typeof adverseEvents,
  entry: Entry,
): SQL {
  const { id, actingAs } = entry.professional;
  const site = actingAs?.structure?.siteFiness ?? null;
  const trainees = sql`(${table.delegationId} is null and ${table.placeFiness} = ${site}
    and exists (select from ${professionals} where ${isInTraining(table.performedBy)}))`;
  const others = site !== null && validatesOwn(entry) ? sql` or ${trainees}` : sql``;
  return sql`${table.validatedBy} is null and ${table.state} = 'recorded'
    and (${table.performedBy} = ${id}${others})`;
}
