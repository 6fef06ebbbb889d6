import { asc, isNull, sql } from 'drizzle-orm';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';
import type { Doorbell } from '../live-queue/doorbell.ts';
import { incidentSuggestions, incidents } from './incidents.table.ts';

export type IncidentRecord = typeof incidents.$inferSelect;
export type SuggestionRecord = typeof incidentSuggestions.$inferSelect;

/** What is going on, as of one moment. */
export interface Situation {
  /** Open incidents, the oldest first. */
  readonly open: readonly IncidentRecord[];
  /** Sudden rises that nobody dismissed, the newest first. */
  readonly suggestions: readonly SuggestionRecord[];
}

export interface OpenIncidents {
  /** The situation, at most `maxAgeMs` old; the last known one while the database fails, or none. Never throws. */
  current(): Promise<Situation>;
  /** The next `current()` reads again: call after a commit that changed an incident or a suggestion. */
  forget(): void;
  /** Stops listening to the doorbell. */
  close(): void;
}

/** A ring says only that something happened, and a busy queue rings all the time: read again this often at most. */
const ringRestMs = 500;

const nothing: Situation = { open: [], suggestions: [] };

/**
 * Keeps what is open at hand, so that no request of the wizard makes a query for it: whoever asks within `maxAgeMs`
 * gets what was read, and however many ask at once, one query runs. A ring makes the next asker read again.
 */
export function openIncidents(options: {
  readonly db: Database;
  readonly clock: Clock;
  readonly doorbell: Pick<Doorbell, 'onRing'>;
  readonly log: { error(data: object, message: string): void };
  readonly maxAgeMs: number;
}): OpenIncidents {
  const { db, clock, doorbell, log, maxAgeMs } = options;
  let last: Situation | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let rung = false;
  let running: Promise<Situation> | undefined;
  /** Grows when what is being read may be old before it arrives. */
  let generation = 0;

  async function read(): Promise<Situation> {
    const begunIn = generation;
    const begunAt = clock.now().getTime();
    let situation: Situation;
    try {
      const [open, suggestions] = await Promise.all([
        selectOpen(db).execute(),
        selectSuggestions(db).execute(),
      ]);
      situation = { open, suggestions };
    } catch (error) {
      // Help goes on without its banner.
      log.error({ err: error }, 'open incidents not read, the last ones keep serving');
      situation = last ?? nothing;
    }
    if (begunIn === generation) {
      last = situation;
      readAt = begunAt;
      running = undefined;
    }
    return situation;
  }

  function forget(): void {
    generation += 1;
    readAt = Number.NEGATIVE_INFINITY;
    running = undefined;
    rung = false;
  }

  const stopListening = doorbell.onRing(() => {
    rung = true;
  });

  return {
    async current() {
      const age = clock.now().getTime() - readAt;
      if (last && age < (rung ? Math.min(ringRestMs, maxAgeMs) : maxAgeMs)) return last;
      rung = false;
      running ??= read();
      return running;
    },
    forget,
    close: stopListening,
  };
}

const selectOpen = preparedOnce((db) =>
  db
    .select()
    .from(incidents)
    .where(isNull(incidents.closedAt))
    .orderBy(asc(incidents.id))
    .prepare('open_incidents'),
);

const selectSuggestions = preparedOnce((db) =>
  db
    .select()
    .from(incidentSuggestions)
    .where(sql`${incidentSuggestions.endedAt} is null and ${incidentSuggestions.dismissedAt} is null`)
    .orderBy(sql`${incidentSuggestions.id} desc`)
    .prepare('incident_suggestions'),
);
