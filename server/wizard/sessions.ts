import { randomUUID } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';
import { Problem } from '../problem.ts';
import type { Language } from '../texts.ts';
import type { Flow } from './flow.ts';
import { recall, remember } from './recent-sessions.ts';
import { chooseFlow, currentFlow } from './registry.ts';
import { type Answer, answered, type Replay, replay } from './replay.ts';
import { wizardSessions } from './wizard.table.ts';

export interface WizardSession {
  readonly id: string;
  readonly language: Language;
  readonly flow: string;
  readonly flowVersion: number;
  readonly answers: readonly Answer[];
  readonly version: number;
  /** A case was opened from this session: its answers stay as the case carries them. */
  readonly frozen: boolean;
}

/** A session and where its answers lead on the flow of today. */
export interface Walk {
  readonly session: WizardSession;
  readonly flow: Flow;
  /** The questions are no longer those that the answers were given to: some may be asked again. */
  readonly flowChanged: boolean;
  readonly replay: Replay;
}

/** One answer of a practitioner; `flowVersion`, when given, is the one that its page was made from. */
export interface GivenAnswer extends Answer {
  readonly flowVersion?: number;
}

/** As often as other tabs may come between before we give up; each time they have moved on, not we. */
const attempts = 8;

/** Starts a walk through the current flow. */
export async function startSession(db: Database, language: Language, now: Date): Promise<Walk> {
  const session: WizardSession = { ...justStarted(randomUUID()), language };
  const { frozen: _, ...row } = session;
  await db.insert(wizardSessions).values({ ...row, createdAt: now, updatedAt: now });
  return walk(session);
}

/** The session of that id, if any; an id that is not one is nobody's. */
export async function findSession(db: Database, id: string): Promise<WizardSession | undefined> {
  if (!isSessionId(id)) return undefined;
  const [session] = await selectSession(db).execute({ id });
  return session;
}

/** Where the session of that id stands. @throws Problem 404 when there is none. */
export async function getWalk(db: Database, id: string): Promise<Walk> {
  const session = await findSession(db, id);
  if (!session) throw new Problem(404, 'no-such-session');
  return walk(session);
}

/**
 * Stores an answer to the session's current question or to an earlier one, which discards what followed it, and moves
 * the session to the flow of today. Stored only over the version that it was worked out from: two tabs never mix their
 * answers. One statement when that version is the one this process last saw, or a session just started; else two.
 * @throws Problem 404 for an unknown session; 409 for a frozen or finished one, another version of the flow, a question
 * that is not on its way; 400 for an option that is not offered there; 422 for a look-up that found nobody.
 */
export async function answerSession(db: Database, id: string, given: GivenAnswer, now: Date): Promise<Walk> {
  if (!isSessionId(id)) throw new Problem(404, 'no-such-session');
  let before = walk(recall(id) ?? justStarted(id));
  let read = false;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const after = attemptAnswer(before, given);
    if (after instanceof Problem) {
      if (read) throw after;
      before = await getWalk(db, id);
      read = true;
      continue;
    }
    const [found] = await storeAnswers(db).execute({
      id,
      flowBefore: before.session.flow,
      version: before.session.version,
      flow: after.session.flow,
      flowVersion: after.session.flowVersion,
      answers: after.session.answers,
      updatedAt: now,
    });
    if (!found) throw new Problem(404, 'no-such-session');
    const { stored, ...session } = found;
    if (stored) {
      const answered = { ...after, session: { ...after.session, language: session.language } };
      remember(answered.session);
      return answered;
    }
    before = walk(session);
    read = true;
  }
  throw new Problem(409, 'session-busy');
}

/** The session shown in another language from now on; false when there is no such session. */
export async function changeLanguage(db: Database, id: string, language: Language): Promise<boolean> {
  if (!isSessionId(id)) return false;
  const { rowCount } = await db.update(wizardSessions).set({ language }).where(eq(wizardSessions.id, id));
  return rowCount === 1;
}

/** Where the session's answers lead on the flow of today. */
export function walk(session: WizardSession): Walk {
  const { flow, changed } = chooseFlow({ id: session.flow, version: session.flowVersion });
  return {
    session,
    flow,
    flowChanged: changed && session.answers.length > 0,
    replay: replay(flow, session.answers),
  };
}

/** The walk once the answer is given, nothing stored yet; or why it cannot be given. */
function attemptAnswer({ session, flow, replay: here }: Walk, given: GivenAnswer): Walk | Problem {
  if (session.frozen) return new Problem(409, 'session-frozen');
  if (given.flowVersion !== undefined && given.flowVersion !== flow.version) {
    return new Problem(409, 'questions-changed');
  }
  const { flowVersion: _, ...answer } = given;
  const { node } = given;
  const answers = answered(flow, here.trail, answer);
  if (!answers) return new Problem(409, 'question-not-here');
  if (node === here.nodeId && here.node.kind === 'outcome') return new Problem(409, 'session-finished');
  if (!answer.found && looksUp(flow, given)) {
    return new Problem(422, 'invalid', {
      errors: [{ path: '/fields/number', key: 'diagnosis.number.number_missing' }],
    });
  }
  const next = replay(flow, answers);
  if (next.problem) {
    return new Problem(400, 'option-not-offered', {
      errors: [{ path: '/answer', key: 'problems.fields.enum' }],
    });
  }
  return {
    session: {
      ...session,
      flow: flow.id,
      flowVersion: flow.version,
      answers: next.trail,
      version: session.version + 1,
    },
    flow,
    flowChanged: false,
    replay: next,
  };
}

/** Whether that answer is one that must have found somebody. */
function looksUp(flow: Flow, { node: id, answer }: Answer): boolean {
  const node = flow.nodes[id];
  return (
    node !== undefined &&
    node.kind !== 'outcome' &&
    node.options.some((option) => option.id === answer && option.lookUp !== undefined)
  );
}

/** What a session is before its first answer; its language is read when that is stored. */
function justStarted(id: string): WizardSession {
  return {
    id,
    language: 'fr',
    flow: currentFlow.id,
    flowVersion: currentFlow.version,
    answers: [],
    version: 1,
    frozen: false,
  };
}

/** Whether the text has the shape of a session’s id: PostgreSQL fails on anything else. */
export function isSessionId(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}

// The wizard knows of cases only that there is one, by name: their code imports the wizard's, not the other way round.
const frozen = sql<boolean>`exists (select 1 from cases where cases.wizard_session_id = wizard_sessions.id)`;

const sessionColumns = {
  id: wizardSessions.id,
  language: wizardSessions.language,
  flow: wizardSessions.flow,
  flowVersion: wizardSessions.flowVersion,
  answers: wizardSessions.answers,
  version: wizardSessions.version,
  frozen,
};

const selectSession = preparedOnce((db) =>
  db
    .select(sessionColumns)
    .from(wizardSessions)
    .where(eq(wizardSessions.id, sql.placeholder('id')))
    .prepare('wizard_select_session'),
);

/**
 * The compare-and-set, with the session as it was before the statement and whether it was changed: a caller that had
 * assumed another version learns the right one without asking again.
 */
const storeAnswers = preparedOnce((db) => {
  const change = db.$with('change').as(
    db
      .update(wizardSessions)
      .set({
        flow: sql`${sql.placeholder('flow')}`,
        flowVersion: sql`${sql.placeholder('flowVersion')}`,
        answers: sql`${sql.param(sql.placeholder('answers'), wizardSessions.answers)}`,
        version: sql`wizard_sessions.version + 1`,
        updatedAt: sql`${sql.param(sql.placeholder('updatedAt'), wizardSessions.updatedAt)}`,
      })
      .where(
        and(
          eq(wizardSessions.id, sql.placeholder('id')),
          eq(wizardSessions.flow, sql.placeholder('flowBefore')),
          eq(wizardSessions.version, sql.placeholder('version')),
          sql`not ${frozen}`,
        ),
      )
      .returning({ id: wizardSessions.id }),
  );
  return db
    .with(change)
    .select({ ...sessionColumns, stored: sql<boolean>`exists (select 1 from change)` })
    .from(wizardSessions)
    .where(eq(wizardSessions.id, sql.placeholder('id')))
    .prepare('wizard_store_answers');
});
