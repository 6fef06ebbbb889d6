import { sql } from 'drizzle-orm';
import { caseEvents, cases } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { incidents } from './incidents.table.ts';

/** Cases linked in one statement: locks on more would hold agents up. */
const batchSize = 500;

/**
 * Links the waiting cases that match an open incident and belong to none yet, each with its event. A case that somebody
 * is changing right now is left for the next time; linking again changes nothing.
 * @returns how many were linked.
 */
export async function linkCases(db: Database, incidentId: number, now: Date): Promise<number> {
  let linked = 0;
  for (;;) {
    const { rowCount } = await db.execute(sql`
      with incident as (
        select id, ways, symptoms from ${incidents} where id = ${incidentId} and closed_at is null
      ), mine as (
        select subject.id, incident.id as incident_id from ${cases} subject, incident
        where subject.state = 'waiting' and subject.incident_id is null
          and (cardinality(incident.ways) = 0 or subject.way = any(incident.ways))
          and (cardinality(incident.symptoms) = 0 or subject.symptom = any(incident.symptoms))
        order by subject.id limit ${batchSize}
        for no key update of subject skip locked
      ), changed as (
        update ${cases} set incident_id = mine.incident_id, version = version + 1
        from mine where ${cases.id} = mine.id
        returning ${cases.id}, ${cases.hotlineId}, ${cases.version}
      )
      insert into ${caseEvents} (case_id, hotline_id, kind, version, at, actor, data)
      select id, hotline_id, 'incident_linked', version, ${now}::timestamptz, 'system',
        jsonb_build_object('incident', ${incidentId}::bigint)
      from changed`);
    linked += rowCount ?? 0;
    if ((rowCount ?? 0) < batchSize) return linked;
  }
}
