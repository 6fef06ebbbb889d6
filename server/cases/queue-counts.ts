import { count, eq, sql } from 'drizzle-orm';
import { callbacks } from '../callbacks/callbacks.table.ts';
import { preparedOnce } from '../database/prepared.ts';
import type { Dependencies } from '../dependencies.ts';
import { startOfDate, wallClock } from '../routing/time-zones.ts';
import type { Counts } from './case-row.ts';
import { cases } from './cases.table.ts';
import { type OpenState, openStates } from './status.ts';

/** A count that no ring disturbed is taken again after this long, since rings can be lost. */
const maxAgeMs = 5_000;

/**
 * The only place where queues are counted: lists, snapshots and events all show these figures. They are counted at
 * most once between two rings of the doorbell, so a listing does not pay for counting ten thousand cases; a change by
 * another process shows as soon as its ring is heard, and after `maxAgeMs` at worst when it is lost.
 */
export interface QueueCounts {
  /** The open cases of these hotlines together, by state. */
  of(hotlines: readonly string[]): Promise<Counts>;
  /** Says that something changed, whose ring may have been lost: the next figures are counted anew. */
  forget(): void;
  /** Stops listening to the doorbell. */
  close(): void;
}

/** One of them is made for a process, and handed to whatever shows figures. */
export function queueCounts(deps: Pick<Dependencies, 'db' | 'clock' | 'doorbell'>): QueueCounts {
  const { db, clock, doorbell } = deps;
  let counted: { readonly at: number; readonly figures: Promise<Figures> } | undefined;
  const forget = () => {
    counted = undefined;
  };
  const close = doorbell.onRing(forget);

  function figures(): Promise<Figures> {
    const now = clock.now().getTime();
    if (counted && now - counted.at < maxAgeMs) return counted.figures;
    const mine = { at: now, figures: countAll(clock.now()) };
    counted = mine;
    mine.figures.catch(() => {
      if (counted === mine) forget();
    });
    return mine.figures;
  }

  async function countAll(now: Date): Promise<Figures> {
    const until = startOfDate(deskZone, wallClock(deskZone, now).toPlainDate().add({ days: 1 }).toString());
    const [open, calls] = await Promise.all([openCases(db).execute(), callsBooked(db).execute({ until })]);
    return { open, calls };
  }

  return {
    async of(hotlines) {
      const total = { waiting: 0, in_progress: 0, pending: 0, callbacks: 0 };
      const { open, calls } = await figures();
      for (const { hotlineId, count } of calls) if (hotlines.includes(hotlineId)) total.callbacks += count;
      for (const { hotlineId, state, cases } of open) {
        if (isOpen(state) && hotlines.includes(hotlineId)) total[state] += cases;
      }
      return total;
    },
    forget,
    close,
  };
}

interface Figures {
  readonly open: readonly { readonly hotlineId: string; readonly state: string; readonly cases: number }[];
  readonly calls: readonly { readonly hotlineId: string; readonly count: number }[];
}

/** Agents and their lines are in metropolitan France. */
const deskZone = 'Europe/Paris';

/** Few at any time: those that are still to be made, on the line that has the case now, as their list says. */
const callsBooked = preparedOnce((db) =>
  db
    .select({ hotlineId: cases.hotlineId, count: count() })
    .from(callbacks)
    .innerJoin(cases, eq(cases.id, callbacks.caseId))
    .where(
      sql`${callbacks.state} = 'booked' and ${callbacks.startsAt} < ${sql.placeholder('until')}::timestamptz`,
    )
    .groupBy(cases.hotlineId)
    .prepare('calls_booked'),
);

const openCases = preparedOnce((db) =>
  db
    .select({ hotlineId: cases.hotlineId, state: cases.state, cases: count() })
    .from(cases)
    // Written out, so that the partial index `cases_open` holds for it.
    .where(sql`${cases.state} in ('waiting', 'in_progress', 'pending')`)
    .groupBy(cases.hotlineId, cases.state)
    .prepare('open_cases'),
);

function isOpen(state: string): state is OpenState {
  return openStates.some((open) => open === state);
}
