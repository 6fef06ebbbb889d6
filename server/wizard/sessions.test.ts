import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { aCase } from '../testing/builders.ts';
import { testDatabase } from '../testing/test-database.ts';
import { recall, remember } from './recent-sessions.ts';
import { answerSession, changeLanguage, startSession, type Walk, type WizardSession } from './sessions.ts';
import { wizardSessions } from './wizard.table.ts';

const database = testDatabase();
const now = new Date('2026-11-23T10:00:00+01:00');

afterEach(() => vi.restoreAllMocks());

const start = async () => (await startSession(database.db, 'fr', now)).session.id;
const answer = (id: string, node: string, choice: string) =>
  answerSession(database.db, id, { node, answer: choice }, now);
const trail = ({ replay }: Walk) => replay.trail.map((each) => each.answer);

/** How many statements the database is asked to run meanwhile. */
async function statements(work: () => Promise<unknown>): Promise<number> {
  const query = vi.spyOn(database.connection.pool, 'query');
  await work();
  const { length } = query.mock.calls;
  query.mockRestore();
  return length;
}

/** What another server would store. */
async function changeElsewhere(id: string, changed: Partial<typeof wizardSessions.$inferInsert>) {
  await database.db.update(wizardSessions).set(changed).where(eq(wizardSessions.id, id));
}

describe('answering', () => {
  it('takes one statement as long as one server is asked', async () => {
    const id = await start();
    expect(await statements(() => answer(id, 'way', 'ecps'))).toBe(1);
    expect(await statements(() => answer(id, 'problem', 'codes'))).toBe(1);
    expect(await statements(() => answer(id, 'way', 'card'))).toBe(1);
  });

  it('takes two statements when another server has stored an answer meanwhile, and follows that', async () => {
    const id = await start();
    await answer(id, 'way', 'ecps');
    await changeElsewhere(id, { answers: [{ node: 'way', answer: 'card' }], version: 3 });
    let after: Walk | undefined;
    const count = await statements(async () => {
      after = await answer(id, 'problem', 'card');
    });
    expect(count).toBe(2);
    expect(after && trail(after)).toEqual(['card', 'card']);
    expect(after?.session.version).toBe(4);
  });

  it('takes an answer that only fits what another server has stored', async () => {
    const id = await start();
    await changeElsewhere(id, { answers: [{ node: 'way', answer: 'ecps' }], version: 2 });
    expect(trail(await answer(id, 'problem', 'codes'))).toEqual(['ecps', 'codes']);
  });

  it('refuses an answer that only fits what this server remembers', async () => {
    const id = await start();
    await answer(id, 'way', 'ecps');
    await changeElsewhere(id, { answers: [{ node: 'way', answer: 'card' }], version: 3 });
    // Offered with the e-CPS, not with the card.
    await expect(answer(id, 'problem', 'codes')).rejects.toMatchObject({ code: 'option-not-offered' });
  });

  it('notices that a remembered session was purged, or has its case', async () => {
    const purged = await start();
    await answer(purged, 'way', 'ecps');
    await database.db.delete(wizardSessions).where(eq(wizardSessions.id, purged));
    await expect(answer(purged, 'problem', 'codes')).rejects.toMatchObject({ code: 'no-such-session' });

    const escalated = await start();
    await answer(escalated, 'way', 'ecps');
    await aCase(database.db, { wizardSessionId: escalated });
    await expect(answer(escalated, 'problem', 'codes')).rejects.toMatchObject({ code: 'session-frozen' });
    await expect(answer(escalated, 'problem', 'nonsense')).rejects.toMatchObject({ code: 'session-frozen' });
  });

  it('speaks the language chosen meanwhile', async () => {
    const id = await start();
    await answer(id, 'way', 'ecps');
    expect(await changeLanguage(database.db, id, 'en')).toBe(true);
    expect((await answer(id, 'problem', 'codes')).session.language).toBe('en');
    expect(await changeLanguage(database.db, randomUUID(), 'en')).toBe(false);
  });

  it('goes on with the current flow when the stored one is gone', async () => {
    const id = await start();
    await changeElsewhere(id, { flow: 'a_flow_since_removed' });
    const { session } = await answer(id, 'way', 'ecps');
    expect(session).toMatchObject({ flow: 'connection', version: 2 });
  });
});

describe('what is remembered of sessions', () => {
  it('is bounded: the one stored longest ago is forgotten first', () => {
    const session = (id: string): WizardSession => ({
      id,
      language: 'fr',
      flow: 'connection',
      flowVersion: 1,
      answers: [],
      version: 1,
      frozen: false,
    });
    remember(session('first'));
    remember(session('second'));
    remember({ ...session('first'), version: 2 });
    for (let count = 0; count < 9_999; count++) remember(session(`later ${count}`));
    expect(recall('second')).toBeUndefined();
    expect(recall('first')?.version).toBe(2);
    expect(recall('later 9998')).toBeDefined();
  });
});
