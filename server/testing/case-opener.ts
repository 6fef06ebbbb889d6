import { eq } from 'drizzle-orm';
import { cases } from '#server/cases/cases.table.ts';
import type { CaseRecord } from '#server/cases/change-case.ts';
import type { TestApp } from './test-app.ts';
import type { TestDatabase } from './test-database.ts';
import { walkedSession } from './walked-session.ts';

/** What opens a case through the API when nothing else remains to be said. */
export const helpAsked = {
  contact: { name: 'Anne Lefèvre', phone: '06 12 34 56 78', email: 'anne.lefevre@exemple.fr' },
  followUps: true,
};

/** A program that opens cases through the API. */
export function caseOpener(database: TestDatabase, server: Pick<TestApp, 'app'>) {
  let calls = 0;
  return {
    /** Sends a body, as it is if it is text; each from an address of its own, so that none is counted with another. */
    open(sessionId: string, payload: unknown = helpAsked, headers: Record<string, string> = {}) {
      calls += 1;
      return server.app.inject({
        method: 'POST',
        url: `/api/wizard/sessions/${sessionId}/case`,
        payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
        headers: { 'content-type': 'application/json', ...headers },
        remoteAddress: `10.8.${calls >> 8}.${calls & 255}`,
      });
    },
    /** A session of the wizard, walked to where it asks for a person. */
    aSession: async (answers?: readonly string[], language?: 'fr' | 'en'): Promise<string> =>
      (await walkedSession(database.db, answers, language)).session.id,
    /** The case opened from the session. */
    caseOf: async (id: string): Promise<CaseRecord | undefined> =>
      (await database.db.select().from(cases).where(eq(cases.wizardSessionId, id)))[0],
  };
}
