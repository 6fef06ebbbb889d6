import { and, gte, lt, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { chooseFlow } from '../wizard/registry.ts';
import { type Answer, replay } from '../wizard/replay.ts';
import { bucketMs } from './find-rises.ts';
import { symptomCounts } from './incidents.table.ts';

const hourMs = 60 * 60_000;
/** Somebody may come to their symptom a while after they began: the last hours are counted again each time. */
const recountedMs = 2 * hourMs;
/** When nothing was counted yet, what is still there is. */
const firstCountMs = 8 * 24 * hourMs;

/** The end of the last whole bucket at that instant. */
export function lastWholeBucket(now: Date): Date {
  return new Date(Math.floor(now.getTime() / bucketMs) * bucketMs);
}

/**
 * Counts by five minutes what people who began the wizard came to, from their stored answers: answering pays nothing for
 * it. Counting again, or twice at once, counts the same.
 */
export async function countSymptoms(db: Database, now: Date): Promise<void> {
  const to = lastWholeBucket(now);
  await db.transaction(async (tx) => {
    // One at a time: two would store the same spans.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('count-symptoms'))`);
    const [counted] = await tx
      .select({ last: sql<Date | null>`max(${symptomCounts.bucket})` })
      .from(symptomCounts);
    const last = counted?.last ? new Date(counted.last).getTime() : 0;
    const from = new Date(Math.max(to.getTime() - firstCountMs, Math.min(last, to.getTime()) - recountedMs));
    const counts = new Map<string, typeof symptomCounts.$inferInsert>();
    for (const { seconds, flow, flowVersion, answers, sessions } of await readSessions(tx, from, to)) {
      const { way = '', symptom = '' } = replay(
        chooseFlow({ id: flow, version: flowVersion }).flow,
        answers,
      ).facts;
      if (way === '' && symptom === '') continue;
      const bucket = new Date(Number(seconds) * 1000);
      const key = `${seconds} ${way} ${symptom}`;
      counts.set(key, { bucket, way, symptom, sessions: sessions + (counts.get(key)?.sessions ?? 0) });
    }
    await tx.delete(symptomCounts).where(and(gte(symptomCounts.bucket, from), lt(symptomCounts.bucket, to)));
    const rows = [...counts.values()];
    for (let at = 0; at < rows.length; at += 1000) {
      await tx.insert(symptomCounts).values(rows.slice(at, at + 1000));
    }
  });
}

/** Sessions begun in that time, those with the same answers together; nothing that was typed is read. */
async function readSessions(tx: Database, from: Date, to: Date) {
  const { rows } = await tx.execute<{
    seconds: string;
    flow: string;
    flowVersion: number;
    answers: readonly Answer[];
    sessions: number;
  }>(sql`
    select (floor(extract(epoch from created_at) / ${bucketMs / 1000}) * ${bucketMs / 1000})::bigint as seconds,
      flow, flow_version as "flowVersion", given.answers, count(*)::int as sessions
    from wizard_sessions, lateral (
      select coalesce(jsonb_agg(jsonb_build_object('node', each -> 'node', 'answer', each -> 'answer') order by place), '[]')
        as answers
      from jsonb_array_elements(wizard_sessions.answers) with ordinality as told (each, place)
    ) as given
    -- No session is touched before it is begun: so the index on the one finds what the other asks for.
    where updated_at >= ${from}::timestamptz
      and created_at >= ${from}::timestamptz and created_at < ${to}::timestamptz
    group by 1, 2, 3, 4`);
  return rows;
}
