import { asc } from 'drizzle-orm';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import { type DoseRule, isUsable } from './dose-rules/rule.ts';
import { doseRules, vaccineGtins, vaccines } from './rules.table.ts';
import type { VaccineList } from './vaccines.ts';

/** The dated rows that recording works with, past and future ones included. */
export interface RecordRules extends VaccineList {
  readonly doseRules: readonly DoseRule[];
}

/**
 * Reads vaccines and dose rules, as of one moment of the database.
 * @throws Error when a rule lacks what its kind needs: a broken configuration is refused as a whole.
 */
export async function loadRecordRules(db: Database): Promise<RecordRules> {
  return db.transaction(
    async (tx) => {
      const list = await tx.select().from(vaccines).orderBy(asc(vaccines.id));
      const boxes = await tx.select().from(vaccineGtins);
      const rules = await tx.select().from(doseRules).orderBy(asc(doseRules.id));
      const broken = rules.find((rule) => !isUsable(rule));
      if (broken) throw new Error(`not a usable dose rule: "${broken.rule}" (${broken.id})`);
      return {
        vaccines: list.map(({ id: _, ...vaccine }) => vaccine),
        gtins: new Map(boxes.map(({ gtin, vaccine }) => [gtin, vaccine])),
        doseRules: rules.map(({ id: _, origin: __, ...rule }) => rule),
      };
    },
    // One snapshot for all the tables.
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

export interface RecordRulesCache {
  /**
   * The rules, at most `maxAgeMs` old, or the last that could be loaded.
   * @throws whatever the database threw, as long as nothing was ever loaded.
   */
  current(): Promise<RecordRules>;
}

/** Keeps the rules at hand. However many ask at once, one load runs; a failed one leaves the last rules in use. */
export function recordRulesCache(options: {
  readonly db: Database;
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly log: { error(data: object, message: string): void };
}): RecordRulesCache {
  const { db, maxAgeMs, clock, log } = options;
  let last: RecordRules | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<RecordRules> | undefined;

  async function reload(): Promise<RecordRules> {
    triedAt = clock.now().getTime();
    try {
      last = await loadRecordRules(db);
    } catch (error) {
      if (!last) throw error;
      log.error({ err: error }, 'record rules not reloaded, the last ones keep serving');
    } finally {
      running = undefined;
    }
    return last;
  }

  return {
    async current() {
      if (last && clock.now().getTime() - triedAt < maxAgeMs) return last;
      running ??= reload();
      return running;
    },
  };
}
