import { aPatient } from './patients.ts';
import type { SignedInProfessional } from './professionals.ts';
import type { TestApp } from './test-app.ts';

/** An injection as a caller would send it, by default of the test clock's own day. */
export function anInjectionBody(overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    occurredAt: '2026-11-20T10:00:00+01:00',
    place: { kind: 'practice', name: 'Cabinet du docteur Lefèvre' },
    vaccine: 'comirnaty',
    lot: 'FE4721',
    lotExpiry: '2027-03-31',
    arm: 'left',
    route: 'intramuscular',
    doseRank: 1,
    doseTotal: 2,
    ...overrides,
  };
}

/** A request of a professional's, with a JSON body if any. */
export function ask(
  { app }: Pick<TestApp, 'app'>,
  who: SignedInProfessional | undefined,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
) {
  return app.inject({
    method,
    url,
    headers: { accept: 'application/json', ...(who && { cookie: who.cookie }), ...headers },
    ...(body !== undefined && { payload: body as Record<string, unknown> }),
  });
}

/** Records an injection for a patient and gives its id. @throws Error when it is refused. */
export async function recordedInjection(
  server: Pick<TestApp, 'app'>,
  who: SignedInProfessional,
  patientId: string,
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const url = `/api/records/patients/${patientId}/injections`;
  const response = await ask(server, who, 'POST', url, anInjectionBody(overrides));
  if (response.statusCode !== 201) throw new Error(`not recorded: ${response.body}`);
  return response.json().id;
}

/** An adverse event of an injection that `recorder` gave, declared by `declarer`; both are the same unless told otherwise. */
export async function declaredEvent(
  server: Pick<TestApp, 'app' | 'deps'>,
  { declarer, recorder = declarer }: { declarer: SignedInProfessional; recorder?: SignedInProfessional },
  overrides: Readonly<Record<string, unknown>> = {},
) {
  const patient = await aPatient(server.deps);
  const injectionId = await recordedInjection(server, recorder, patient.id);
  const url = `/api/records/patients/${patient.id}/adverse-events`;
  const body = { ...anAdverseEventBody(injectionId), ...overrides };
  const answer = await ask(server, declarer, 'POST', url, body);
  if (answer.statusCode !== 201) throw new Error(`not declared: ${answer.body}`);
  const { id } = answer.json();
  return { patient, injectionId, id, one: `${url}/${id}`, page: `/dossiers/${patient.id}/effets/${id}` };
}

/** An adverse event as a caller would declare it, some hours after that injection. */
export function anAdverseEventBody(injectionId: string) {
  return {
    injectionId,
    onset: '2026-11-20T18:30:25.500+01:00',
    description: 'Fièvre à 39 °C',
    serious: false,
    outcome: 'recovering',
  };
}
