import { and, asc, eq, gte, inArray, lt, or } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { agents } from '../agents/agents.table.ts';
import { cases } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { startOfDate, wallClock } from '../routing/time-zones.ts';
import { callbacks } from './callbacks.table.ts';

/** Agents and their lines are in metropolitan France. */
const deskZone = 'Europe/Paris';

/** The beginning of the desk's day, and of the next one. */
export function deskDay(now: Date): { readonly from: Date; readonly to: Date } {
  const today = wallClock(deskZone, now).toPlainDate();
  return {
    from: startOfDate(deskZone, today.toString()),
    to: startOfDate(deskZone, today.add({ days: 1 }).toString()),
  };
}

const replaced = alias(callbacks, 'replaced');

/**
 * The calls of today on these hotlines, in order: those to be made, earlier ones that nobody said anything of included,
 * and those that were made.
 */
export async function listCallbacksOfDay(db: Database, hotlines: readonly string[], now: Date) {
  const { from, to } = deskDay(now);
  return db
    .select({
      id: callbacks.id,
      state: callbacks.state,
      startsAt: callbacks.startsAt,
      endsAt: callbacks.endsAt,
      number: cases.number,
      hotlineId: cases.hotlineId,
      name: cases.contactName,
      phone: cases.contactPhone,
      language: cases.language,
      summary: cases.summary,
      caseState: cases.state,
      assignee: agents.name,
      /** When the call was to be made that the line could not keep: this one is for as soon as possible. */
      unkept: replaced.startsAt,
    })
    .from(callbacks)
    .innerJoin(cases, eq(cases.id, callbacks.caseId))
    .leftJoin(agents, eq(agents.id, cases.assigneeId))
    .leftJoin(replaced, and(eq(replaced.id, callbacks.replaces), eq(replaced.state, 'withdrawn')))
    .where(
      and(
        inArray(cases.hotlineId, [...hotlines]),
        lt(callbacks.startsAt, to),
        or(
          eq(callbacks.state, 'booked'),
          and(inArray(callbacks.state, ['reached', 'missed']), gte(callbacks.endedAt, from)),
        ),
      ),
    )
    .orderBy(asc(callbacks.startsAt), asc(callbacks.id))
    .limit(500);
}

/** A call of the day. */
export type ListedCallback = Awaited<ReturnType<typeof listCallbacksOfDay>>[number];
