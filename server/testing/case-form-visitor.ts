import { eq } from 'drizzle-orm';
import { expect } from 'vitest';
import { cases } from '#server/cases/cases.table.ts';
import type { CaseRecord } from '#server/cases/change-case.ts';
import { escaped, type Form, pageVisitor } from './page-visitor.ts';
import type { TestApp } from './test-app.ts';
import type { TestDatabase } from './test-database.ts';
import { walkedSession } from './walked-session.ts';

/** A case form filled in as it should be; what the answers of the session tell is left as it is. */
export const filledIn: Form = {
  name: 'Anne Lefèvre',
  phone: '06 12 34 56 78',
  email: 'anne.lefevre@exemple.fr',
  rpps: '1000 1234 565',
  message: 'Le code n’arrive jamais.',
  followUps: 'yes',
};

/** The address of a session's case form. */
export function formOf(sessionId: string): string {
  return `/diagnostic/${sessionId}/demande`;
}

/** Somebody who fills in the case form of a wizard session. */
export function caseFormVisitor(database: TestDatabase, server: Pick<TestApp, 'app'>) {
  const { get, post, tokenAt } = pageVisitor(server);
  return {
    get,
    /** Sends the form as given. */
    post: (id: string, form: Parameters<typeof post>[1], options?: Parameters<typeof post>[2]) =>
      post(formOf(id), form, options),
    tokenOf: (id: string) => tokenAt(formOf(id)),
    /** Opens the form, and sends it. */
    send: async (id: string, form: Form) => post(formOf(id), { token: await tokenAt(formOf(id)), ...form }),
    /** A session of the wizard, walked to where it asks for a person. */
    aSession: async (answers?: readonly string[], language?: 'fr' | 'en'): Promise<string> =>
      (await walkedSession(database.db, answers, language)).session.id,
    /** The case opened from the session. */
    caseOf: async (id: string): Promise<CaseRecord | undefined> =>
      (await database.db.select().from(cases).where(eq(cases.wizardSessionId, id)))[0],
  };
}

/** Everything typed is still in the page, ready to be sent again. */
export function expectKept(body: string, form: Form): void {
  for (const field of ['name', 'phone', 'email', 'rpps']) {
    const type = { phone: 'tel', email: 'email' }[field] ?? 'text';
    expect(body).toContain(`name="${field}" type="${type}" value="${escaped(form[field] ?? '')}"`);
  }
  expect(body).toContain(`>\n${escaped(form.message ?? '')}</textarea>`);
  expect(/name="followUps" value="yes" checked/.test(body)).toBe(form.followUps === 'yes');
}
