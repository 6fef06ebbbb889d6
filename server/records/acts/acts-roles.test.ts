import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { aPatient, firstDose, fitConsultation } from '#server/testing/acts.ts';
import {
  anExercise,
  delegateEntry,
  kinds,
  type SignedInProfessional,
  signedInProfessional,
} from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);

/** Everybody who may come, and `nobody`, who is not signed in. */
const roles = {
  doctor: kinds.independentDoctor(),
  nurse: kinds.hospitalNurse(),
  pharmacist: kinds.pharmacist(),
  student: { columns: { profession: '10', category: 'E' }, actingAs: anExercise({ category: 'E' }) },
  masseur: { columns: { profession: '70' }, actingAs: anExercise({ profession: '70' }) },
  secretary: kinds.secretary(),
  standIn: kinds.standIn(),
  undelegated: kinds.secretary(),
} as const;
type Role = keyof typeof roles | 'nobody';

const entering: readonly Role[] = ['doctor', 'nurse', 'pharmacist', 'student', 'masseur', 'secretary'];
const professional: readonly Role[] = ['doctor', 'nurse', 'pharmacist'];
const everybody: readonly Role[] = [...entering, 'standIn', 'undelegated'];
const item = randomUUID();

/** Each endpoint, who gets past its door, and what it is asked with. What then happens is for other tests. */
const endpoints: readonly {
  readonly ask: string;
  readonly open: readonly Role[];
  readonly body?: object;
}[] = [
  { ask: 'POST /api/records/patients/:id/consultations', open: entering, body: fitConsultation },
  { ask: 'GET /api/records/patients/:id/consultations', open: entering },
  { ask: `GET /api/records/patients/:id/consultations/${item}`, open: entering },
  { ask: `PATCH /api/records/patients/:id/consultations/${item}`, open: entering, body: { reason: 'Relu' } },
  { ask: `DELETE /api/records/patients/:id/consultations/${item}`, open: entering, body: { reason: 'Relu' } },
  {
    ask: `POST /api/records/patients/:id/consultations/${item}/restore`,
    open: entering,
    body: { reason: 'Relu' },
  },
  { ask: `POST /api/records/patients/:id/consultations/${item}/validate`, open: professional },
  { ask: 'POST /api/records/patients/:id/injections', open: entering, body: firstDose },
  { ask: 'GET /api/records/patients/:id/injections', open: entering },
  { ask: `GET /api/records/patients/:id/injections/${item}`, open: entering },
  { ask: `PATCH /api/records/patients/:id/injections/${item}`, open: entering, body: { reason: 'Relu' } },
  { ask: `DELETE /api/records/patients/:id/injections/${item}`, open: entering, body: { reason: 'Relu' } },
  {
    ask: `POST /api/records/patients/:id/injections/${item}/restore`,
    open: entering,
    body: { reason: 'Relu' },
  },
  { ask: `POST /api/records/patients/:id/injections/${item}/validate`, open: professional },
  { ask: 'GET /api/records/patients/:id/draft?step=injection', open: entering },
  { ask: 'POST /api/records/delegations', open: professional, body: aDelegation() },
  { ask: 'GET /api/records/delegations', open: everybody },
  { ask: `DELETE /api/records/delegations/${item}`, open: everybody },
  { ask: 'GET /dossiers/:id/injection', open: entering },
  { ask: 'GET /dossiers/:id/consultation', open: entering },
  { ask: 'GET /dossiers/:id/actes', open: entering },
  { ask: 'GET /dossiers/a-valider', open: professional },
  { ask: 'GET /delegations', open: everybody },
];

/** Those who pass the door while somebody delegates to them, and may then record for somebody else alone. */
const onlyForOthers: readonly Role[] = ['masseur', 'secretary'];

const people = new Map<Role, SignedInProfessional>();
let patientId: string;

beforeAll(async () => {
  for (const [role, kind] of Object.entries(roles)) {
    // The keys are those of `roles`.
    const known = await signedInProfessional(server, kind);
    people.set(role as Role, known);
    if (onlyForOthers.includes(role as Role)) await delegateEntry(database.db, known.professional);
  }
  const doctor = people.get('doctor');
  if (!doctor) throw new Error('no doctor');
  patientId = (await aPatient(database.db, doctor.professional)).id;
});

function aDelegation() {
  return {
    delegateIdentifier: '810199999999',
    delegateName: 'Dominique Petit',
    scope: 'entry',
    validFrom: '2026-11-23',
  };
}

const cases = endpoints.flatMap((endpoint) =>
  (['nobody', ...everybody] as const).map((role) => ({ ...endpoint, role })),
);

describe('every endpoint, for everybody', () => {
  it.each(cases)('$ask for $role', async ({ ask, open, body, role }) => {
    const [method = '', path = ''] = ask.replace(':id', patientId).split(' ');
    const answer = await server.app.inject({
      method: method as 'GET',
      url: path,
      headers: {
        accept: 'application/json',
        'if-match': '"1"',
        cookie: people.get(role)?.cookie ?? '',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { payload: JSON.stringify(body) }),
    });
    const page = !path.startsWith('/api');
    if (role === 'nobody') return expect(answer.statusCode).toBe(page ? 303 : 401);
    const refused = answer.statusCode === 403 && /\/problems\/(may-not-|not-delegated-to)/.test(answer.body);
    const alone =
      method === 'POST' && onlyForOthers.includes(role) && /(consultations|injections)$/.test(path);
    if (!open.includes(role) || alone) return expect([answer.statusCode, refused]).toEqual([403, true]);
    expect(refused).toBe(false);
    return expect([200, 201, 204, 404, 409]).toContain(answer.statusCode);
  });
});
