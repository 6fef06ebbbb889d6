import { and, eq, gte, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { wallClock } from '../routing/time-zones.ts';
import { lastWholeBucket } from './count-symptoms.ts';
import { findRises, type Rise, type SymptomCount } from './find-rises.ts';
import { incidentSuggestions, incidents, symptomCounts } from './incidents.table.ts';

/** Whose wall clock says what "the same hour" is. */
const zone = 'Europe/Paris';
const daysCompared = 7;
const spanMs = 6 * 60 * 60_000;

/**
 * Compares the last hours with the same hours of the last days and keeps the suggestions true: new rises are suggested,
 * going ones brought up to date, those that are over end. What an open incident already says is not suggested.
 * @returns whether what the agents see changed.
 */
export async function suggestIncidents(db: Database, now: Date): Promise<boolean> {
  const end = lastWholeBucket(now);
  const rises = findRises(await readDays(db, end), end);
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('suggest-incidents'))`);
    const open = await tx.select().from(incidents).where(isNull(incidents.closedAt));
    const going = await tx.select().from(incidentSuggestions).where(isNull(incidentSuggestions.endedAt));
    const known = new Set(open.flatMap(({ ways, symptoms }) => scopeKeys(ways, symptoms)));
    const everything = open.some(({ ways, symptoms }) => ways.length === 0 && symptoms.length === 0);
    const isTold = (rise: Rise) => everything || known.has(keyOf(rise));
    let changed = false;
    for (const rise of rises) {
      const { fact, value, since, count, usual } = rise;
      const same = going.find((each) => keyOf(each) === keyOf(rise));
      if (same) {
        // It began when it was first seen to have begun.
        const began = new Date(Math.min(same.since.getTime(), since.getTime()));
        await tx
          .update(incidentSuggestions)
          .set({ since: began, count, usual, seenAt: now })
          .where(eq(incidentSuggestions.id, same.id));
        changed ||= same.dismissedAt === null && (same.count !== count || same.usual !== usual);
      } else if (!isTold(rise)) {
        await tx
          .insert(incidentSuggestions)
          .values({ fact, value, since, count, usual, raisedAt: now, seenAt: now });
        changed = true;
      }
    }
    const over = going.filter((each) => {
      const rise = rises.find((still) => keyOf(still) === keyOf(each));
      return rise === undefined || (each.dismissedAt === null && isTold(rise));
    });
    if (over.length === 0) return changed;
    const ids = over.map(({ id }) => id);
    await tx.update(incidentSuggestions).set({ endedAt: now }).where(inArray(incidentSuggestions.id, ids));
    return true;
  });
}

function keyOf({ fact, value }: Pick<Rise, 'fact' | 'value'>): string {
  return `${fact} ${value}`;
}

function scopeKeys(ways: readonly string[], symptoms: readonly string[]): readonly string[] {
  return symptoms.length > 0
    ? symptoms.map((value) => keyOf({ fact: 'symptom', value }))
    : ways.map((value) => keyOf({ fact: 'way', value }));
}

/** The counts of the hours before `end`, today and at the same time of the days before, moved to today's. */
async function readDays(db: Database, end: Date): Promise<readonly (readonly SymptomCount[])[]> {
  const today = wallClock(zone, end);
  const days: (readonly SymptomCount[])[] = [];
  for (let back = 0; back <= daysCompared; back += 1) {
    // The same time on the wall, also across a change of the clocks.
    const dayEnd = today.subtract({ days: back }).epochMilliseconds;
    const rows = await db
      .select()
      .from(symptomCounts)
      .where(
        and(gte(symptomCounts.bucket, new Date(dayEnd - spanMs)), lt(symptomCounts.bucket, new Date(dayEnd))),
      );
    const moved = rows.map((row) => ({
      ...row,
      bucket: new Date(row.bucket.getTime() + end.getTime() - dayEnd),
    }));
    // A day of which nothing at all was counted says nothing: the service was not there yet.
    if (back === 0 || (await wasCounted(db, dayEnd))) days.push(moved);
  }
  return days;
}

/** Whether anybody was counted in the day up to then. */
async function wasCounted(db: Database, end: number): Promise<boolean> {
  const [any] = await db
    .select({ one: sql`1` })
    .from(symptomCounts)
    .where(
      and(
        gte(symptomCounts.bucket, new Date(end - 24 * 60 * 60_000)),
        lt(symptomCounts.bucket, new Date(end)),
      ),
    )
    .limit(1);
  return any !== undefined;
}
