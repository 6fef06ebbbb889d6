import { randomFillSync } from 'node:crypto';
import { eq, type Placeholder, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';
import { isSessionId } from '../wizard/sessions.ts';
import { cases } from './cases.table.ts';
import { type CaseRecord, caseOpening } from './change-case.ts';

/** What a case is opened with. */
const columns = [
  'hotlineId',
  'routingReason',
  'contactName',
  'contactEmail',
  'contactPhone',
  'language',
  'rpps',
  'rppsDoubtful',
  'profession',
  'mode',
  'setting',
  'finess',
  'message',
  'followUps',
  'wizardSessionId',
  'flow',
  'flowVersion',
  'trail',
  'summary',
  'way',
  'symptom',
] as const;

/** Everything a case is opened with; what it is given by being opened is left out. */
export type NewCase = Pick<CaseRecord, (typeof columns)[number] | 'incidentId'>;

/** What the answer to a new case is made of. */
export type OpenedCase = Pick<
  CaseRecord,
  'id' | 'number' | 'hotlineId' | 'routingReason' | 'rppsDoubtful' | 'trackingToken'
>;

/** Guessing one among all the cases ever opened must stay out of reach: 192 bits. */
const trackingTokenBytes = 24;

/** Randomness for many tokens at a time: asking the system for each costs more than all else here. */
const randomness = Buffer.alloc(trackingTokenBytes * 128);
let spent = randomness.length;

function makeTrackingToken(): string {
  if (spent === randomness.length) {
    randomFillSync(randomness);
    spent = 0;
  }
  const token = randomness.toString('base64url', spent, spent + trackingTokenBytes);
  spent += trackingTokenBytes;
  return token;
}

/**
 * Opens the case of a wizard session: the case, its `opened` event and the job `case-opened` are stored together.
 * Opened twice, or by two requests at once, it is one case: the later caller is given the first one's.
 */
export async function openCase(
  db: Database,
  newCase: NewCase,
  now: Date,
): Promise<{ readonly case: OpenedCase; readonly created: boolean }> {
  const trackingToken = makeTrackingToken();
  const [opened] = await insertCase(db).execute({ ...newCase, trackingToken, now });
  if (opened) return { case: { ...newCase, ...opened, trackingToken }, created: true };
  const earlier = await findCaseOfSession(db, newCase.wizardSessionId);
  if (!earlier) throw new Error('a wizard session has a case that cannot be found');
  return { case: earlier, created: false };
}

/** The case that was opened from this wizard session; the session itself may have been purged since. */
export async function findCaseOfSession(db: Database, sessionId: string): Promise<CaseRecord | undefined> {
  if (!isSessionId(sessionId)) return undefined;
  const [found] = await db.select().from(cases).where(eq(cases.wizardSessionId, sessionId)).limit(1);
  return found;
}

const insertCase = preparedOnce((db) => {
  const now = sql.placeholder('now');
  // Object.fromEntries forgets which keys it was given: they are those of `columns`.
  const given = Object.fromEntries(columns.map((name) => [name, sql.placeholder(name)])) as Record<
    (typeof columns)[number],
    Placeholder
  >;
  return caseOpening(
    db,
    {
      ...given,
      // Closed in this very moment, it has nobody any more who would write to the practitioner.
      incidentId: sql`(select id from incidents where id = ${sql.placeholder('incidentId')}::bigint and closed_at is null)`,
      openedAt: now,
      waitingSince: now,
      trackingToken: sql.placeholder('trackingToken'),
    },
    {
      at: sql`${now}`,
      by: { kind: 'practitioner' },
      events: [{ kind: 'opened' }],
      outbox: [{ job: 'case-opened', about: 'case' }],
    },
  ).prepare('case_open');
});
