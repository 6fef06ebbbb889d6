/**
 * Purpose: incidents and wishes for tests, stored by the commands of the product.
 * Entry points: `aSupervisor`, `anIncident`, `aWish`.
 * May import: server/incidents, server/testing.
 */
import type { Database } from '#server/database/client.ts';
import { anAgent, type TestAgent } from '#server/testing/builders.ts';
import { checkIncident, type TypedIncident } from '../check-incident.ts';
import { openIncident } from '../open-incident.ts';
import type { IncidentRecord } from '../open-incidents.ts';
import { subscribe } from '../subscribe.ts';

const testStart = new Date('2026-11-23T10:00:00+01:00');

export const aSupervisor = (db: Database): Promise<TestAgent> => anAgent(db, { role: 'supervisor' });

/** Opens an incident that touches everything, unless told otherwise. */
export async function anIncident(
  db: Database,
  given: { readonly agent: TestAgent } & Partial<TypedIncident>,
  now = testStart,
): Promise<IncidentRecord> {
  const { agent, ...typed } = given;
  const fields = checkIncident({
    title: { fr: 'Pro Santé Connect est en panne', en: 'Pro Santé Connect is down' },
    message: { fr: 'Réessayez plus tard.\nOu avec votre carte CPS.', en: 'Try again later.' },
    ...typed,
  });
  if ('errors' in fields) throw new Error(`not an incident: ${JSON.stringify(fields.errors)}`);
  return openIncident(db, { agent, fields }, now);
}

/** Somebody asks to be told. */
export async function aWish(
  db: Database,
  incidentId: number,
  email: string,
  language: 'fr' | 'en' = 'fr',
): Promise<void> {
  await subscribe(db, { incidentId, email, language }, testStart);
}
