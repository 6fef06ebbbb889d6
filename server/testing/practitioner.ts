import { asc, eq } from 'drizzle-orm';
import { type CaseState, caseEvents, caseMessages, cases } from '#server/cases/cases.table.ts';
import type { CaseRecord } from '#server/cases/change-case.ts';
import { followUps } from '#server/follow-ups/follow-ups.table.ts';
import { aCase, anAgent } from './builders.ts';
import { type Form, pageVisitor } from './page-visitor.ts';
import type { TestApp } from './test-app.ts';
import type { TestDatabase } from './test-database.ts';

/** The address of a case's page. */
export function pageOf(record: CaseRecord): string {
  return `/suivi/${record.trackingToken}`;
}

/** A practitioner who has the secret link of a case, and what became of it. */
export function practitioner(database: TestDatabase, server: Pick<TestApp, 'app'>) {
  const { get, post, tokenAt } = pageVisitor(server);
  return {
    get,
    post,
    tokenAt,
    /** Presses a button of the case's page. */
    async press(record: CaseRecord, path: string, form: Form = {}) {
      return post(`${pageOf(record)}/${path}`, { token: await tokenAt(pageOf(record)), ...form });
    },
    /** A case in that state, somebody's where it must be. */
    async inState(state: CaseState, overrides: Partial<typeof cases.$inferInsert> = {}): Promise<CaseRecord> {
      if (state === 'waiting') return aCase(database.db, overrides);
      const agent = await anAgent(database.db, { name: 'Sam Petit' });
      return aCase(database.db, {
        state,
        assigneeId: agent.id,
        assigneeSlot: state === 'in_progress' ? 1 : null,
        resolvedAt: state === 'resolved' ? new Date('2026-11-23T09:30:00+01:00') : null,
        ...overrides,
      });
    },
    /** The case after an agent had it for a while. */
    async claimedBefore(record: CaseRecord): Promise<CaseRecord> {
      const { id: agentId } = await anAgent(database.db);
      const { id: caseId, hotlineId, version, openedAt: at } = record;
      await database.db
        .insert(caseEvents)
        .values({ caseId, hotlineId, version, at, kind: 'claimed', actor: 'agent', agentId });
      return record;
    },
    /** The mail "did it work?" about a case, already sent. */
    async aFollowUp({ id: caseId, openedAt: dueAt }: CaseRecord): Promise<number> {
      const [row] = await database.db
        .insert(followUps)
        .values({ caseId, kind: 'did_it_work', round: 1, dueAt, state: 'sent' })
        .returning({ id: followUps.id });
      if (!row) throw new Error('the follow-up was not stored');
      return row.id;
    },
    /** The case as it now stands. */
    async now({ id }: CaseRecord): Promise<CaseRecord> {
      const [found] = await database.db.select().from(cases).where(eq(cases.id, id));
      if (!found) throw new Error('the case is gone');
      return found;
    },
    async eventsOf({ id }: CaseRecord): Promise<readonly string[]> {
      const events = await database.db
        .select({ kind: caseEvents.kind })
        .from(caseEvents)
        .where(eq(caseEvents.caseId, id))
        .orderBy(asc(caseEvents.id));
      return events.map(({ kind }) => kind);
    },
    async messagesOf({ id }: CaseRecord): Promise<readonly string[]> {
      const messages = await database.db
        .select()
        .from(caseMessages)
        .where(eq(caseMessages.caseId, id))
        .orderBy(asc(caseMessages.id));
      return messages.map(({ body }) => body);
    },
  };
}
