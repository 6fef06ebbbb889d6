import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Database } from '#server/database/client.ts';
import { accessLog } from '#server/records/access-log/access-log.table.ts';
import { patients } from '#server/records/patients/patients.table.ts';
import type { SignedInProfessional } from './professionals.ts';
import type { TestApp } from './test-app.ts';

/** The instant of a fresh `testClock()`. */
const testStart = new Date('2026-11-23T10:00:00+01:00');

/** Stores a patient of 1959, without NIR. */
export async function aPatient(
  db: Database,
  createdBy: { readonly id: string },
  overrides: Partial<typeof patients.$inferSelect> = {},
): Promise<typeof patients.$inferSelect> {
  const [patient] = await db
    .insert(patients)
    .values({
      id: randomUUID(),
      birthFamilyName: 'DURAND',
      birthGivenNames: 'CAMILLE MARIE',
      birthDate: '1959-04-12',
      sex: 'female',
      noNirReason: 'test',
      familyNameKey: 'DURAND',
      givenNamesKey: 'CAMILLE MARIE',
      createdAt: testStart,
      createdBy: createdBy.id,
      updatedAt: testStart,
      ...overrides,
    })
    .returning();
  if (!patient) throw new Error('the patient was not stored');
  return patient;
}

/** A first dose an hour before a fresh `testClock()`, at a doctor's practice: nothing to warn of. */
export const firstDose = {
  occurredAt: '2026-11-23T09:00:00+01:00',
  place: { kind: 'practice', name: 'Cabinet du docteur Lefèvre' },
  vaccine: 'comirnaty',
  lot: 'FK1234',
  lotExpiry: '2027-03-31',
  arm: 'left',
  route: 'intramuscular',
  doseVolume: '0.3',
  doseRank: 1,
  doseTotal: 2,
};

/** A consultation that finds the patient fit. */
export const fitConsultation = {
  occurredAt: '2026-11-23T08:50:00+01:00',
  place: { kind: 'practice', name: 'Cabinet du docteur Lefèvre' },
  questionnaire: { pastInfection: false, fever: false },
  consent: 'patient',
  decision: 'fit',
};

export type Json = Readonly<Record<string, unknown>>;

/** A program that acts for a professional; `url` from `/api/records/` on. */
export function recordsCaller(
  { app }: Pick<TestApp, 'app'>,
  { cookie }: Pick<SignedInProfessional, 'cookie'>,
) {
  return async (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    payload?: Json,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const answer = await app.inject({
      method,
      url: `/api/records/${url}`,
      headers: {
        cookie,
        accept: 'application/json',
        ...(payload && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload && { payload: JSON.stringify(payload) }),
    });
    // Every body of these routes is a JSON object, or empty.
    const body = (answer.body === '' ? {} : JSON.parse(answer.body)) as Record<string, unknown>;
    return { status: answer.statusCode, body, headers: answer.headers };
  };
}

/** What was logged of a patient's record, in order. */
export async function loggedActions(db: Database, patientId: string): Promise<readonly string[]> {
  const found = await db
    .select({ action: accessLog.action })
    .from(accessLog)
    .where(eq(accessLog.patientId, patientId))
    .orderBy(accessLog.place);
  return found.map(({ action }) => action);
}
