import { asc } from 'drizzle-orm';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import type { Hotline, RoutingConfiguration, RoutingRule } from './configuration.ts';
import {
  exceptionIntervals,
  hotlineExceptions,
  hotlines,
  hotlineTimetables,
  routingRules,
  timetableIntervals,
} from './hotlines.table.ts';
import type { Schedule } from './schedule.ts';
import { canonicalZone } from './time-zones.ts';

/**
 * Every hotline, its hours, and the routing rules, as of one moment of the database.
 * @throws Error when a row cannot be used (an unknown time zone, …): a broken configuration is refused as a whole.
 */
export async function loadConfiguration(db: Database): Promise<RoutingConfiguration> {
  return db.transaction(
    async (tx) => {
      const lines = await tx.select().from(hotlines).orderBy(asc(hotlines.position));
      const timetables = await tx.select().from(hotlineTimetables).orderBy(asc(hotlineTimetables.id));
      const weekly = await tx
        .select()
        .from(timetableIntervals)
        .orderBy(asc(timetableIntervals.weekday), asc(timetableIntervals.opensAt));
      const exceptions = await tx.select().from(hotlineExceptions).orderBy(asc(hotlineExceptions.day));
      const special = await tx.select().from(exceptionIntervals).orderBy(asc(exceptionIntervals.opensAt));
      const rules = await tx
        .select()
        .from(routingRules)
        // Rules of different periods may have one position.
        .orderBy(asc(routingRules.position), asc(routingRules.id));
      return {
        hotlines: lines.map((line) => ({
          id: line.id,
          name: { fr: line.nameFr, en: line.nameEn },
          phone: line.phone,
          phoneE164: line.phoneE164,
          cost: { fr: line.costFr, en: line.costEn },
          schedule: usable({
            zone: line.zone,
            holidayCalendar: line.holidayCalendar,
            inService: { validFrom: line.validFrom, validTo: line.validTo },
            timetables: timetables
              .filter(({ hotlineId }) => hotlineId === line.id)
              .map(({ id, holidays, validFrom, validTo }) => ({
                holidays,
                validFrom,
                validTo,
                weekly: weekly
                  .filter(({ timetableId }) => timetableId === id)
                  .map((each) => ({ weekday: each.weekday, ...times(each) })),
              })),
            exceptions: exceptions
              .filter(({ hotlineId }) => hotlineId === line.id)
              .map(({ id, day, noteFr, noteEn }) => ({
                day,
                note: { fr: noteFr, en: noteEn },
                intervals: special.filter(({ exceptionId }) => exceptionId === id).map(times),
              })),
          }),
        })) satisfies Hotline[],
        rules: rules.map(({ setting, mode, profession, hotlineId, origin, validFrom, validTo }) => ({
          setting,
          mode,
          profession,
          hotline: hotlineId,
          origin,
          validFrom,
          validTo,
        })) satisfies RoutingRule[],
      };
    },
    // One snapshot for all the tables: an edit between two of the queries is seen whole or not at all.
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

/** `HH:MM:SS` of the database → `HH:MM`. */
function times(row: { readonly opensAt: string; readonly closesAt: string }) {
  return { opensAt: row.opensAt.slice(0, 5), closesAt: row.closesAt.slice(0, 5) };
}

function usable(schedule: Schedule): Schedule {
  if (canonicalZone(schedule.zone) === undefined) throw new Error(`not a time zone: "${schedule.zone}"`);
  return schedule;
}

export interface ConfigurationCache {
  /**
   * The configuration, at most `maxAgeMs` old, or the last one that could be loaded.
   * @throws whatever the database threw, as long as nothing was ever loaded.
   */
  current(): Promise<RoutingConfiguration>;
  /** The next `current()` loads again: call after a commit that changed hotlines, hours or rules. */
  invalidate(): void;
}

/**
 * Keeps the configuration at hand, so that hot paths make no query. However many ask at once, one load runs. When the
 * database fails, the last configuration keeps serving, the failure is logged, and the next try waits `maxAgeMs`.
 */
export function configurationCache(options: {
  readonly db: Database;
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly log: { error(data: object, message: string): void };
  /** How to load; the tables by default. */
  readonly load?: (db: Database) => Promise<RoutingConfiguration>;
}): ConfigurationCache {
  const { db, maxAgeMs, clock, log, load = loadConfiguration } = options;
  let last: RoutingConfiguration | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<RoutingConfiguration> | undefined;
  /** Grows with each invalidation: a load begun before one may have read what was there before the change. */
  let generation = 0;

  async function reload(): Promise<RoutingConfiguration> {
    const begunIn = generation;
    const begunAt = clock.now().getTime();
    const settle = () => {
      if (begunIn !== generation) return false;
      running = undefined;
      triedAt = begunAt;
      return true;
    };
    try {
      const loaded = await load(db);
      if (settle()) last = loaded;
      return loaded;
    } catch (error) {
      settle();
      if (!last) throw error;
      log.error({ err: error }, 'routing configuration not reloaded, the last one keeps serving');
      return last;
    }
  }

  return {
    async current() {
      if (last && clock.now().getTime() - triedAt < maxAgeMs) return last;
      running ??= reload();
      return running;
    },
    invalidate() {
      generation += 1;
      triedAt = Number.NEGATIVE_INFINITY;
      running = undefined;
    },
  };
}
