import { expect, it } from 'vitest';
import { escaped } from '#server/testing/page-visitor.ts';
import {
  anExercise,
  kinds,
  type SignedInProfessional,
  signedInProfessional,
} from '#server/testing/professionals.ts';
import { anInjectionBody, ask, declaredEvent, recordedInjection } from '#server/testing/record-requests.ts';
import { recordsVisitor, textOf } from '#server/testing/records-visitor.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { aPatient } from '../../testing/patients.ts';

const database = testDatabase();
const server = testApp(database);

/** What the home page says of what waits: the words of its link, or nothing. */
async function told(who: SignedInProfessional, language = 'fr'): Promise<string | undefined> {
  const home = await recordsVisitor(server, who).get(`/espace?lang=${language}`);
  expect(home.statusCode, home.body).toBe(200);
  return /class="[^"]*" href="\/dossiers\/a-valider">([^<]*)<\/a>(?!<\/li>)/.exec(home.body)?.[1];
}

it('counts on the home page what a delegate entered for whoever opens it, act by act', async () => {
  const [doctor, other] = [await signedInProfessional(server), await signedInProfessional(server)];
  const secretary = await signedInProfessional(server, kinds.secretary());
  const { nationalIdentifier: performedBy } = doctor.professional;
  const given = await ask(server, doctor, 'POST', '/api/records/delegations', {
    delegateIdentifier: secretary.professional.nationalIdentifier,
    delegateName: 'Dominique Petit',
    scope: 'entry',
    validFrom: '2026-11-01',
  });
  expect(given.statusCode, given.body).toBe(201);
  // What doctors enter themselves waits for nobody.
  const own = await declaredEvent(server, { declarer: doctor });
  expect(await told(doctor)).toBeUndefined();

  const patient = await aPatient(server.deps);
  await recordedInjection(server, secretary, patient.id, { performedBy });
  expect(await told(doctor)).toBe(escaped('1 acte à valider'));
  const second = await declaredEvent(server, { declarer: secretary, recorder: doctor }, { performedBy });
  const consultation = await ask(
    server,
    secretary,
    'POST',
    `/api/records/patients/${patient.id}/consultations`,
    {
      occurredAt: '2026-11-20T09:50:00+01:00',
      place: anInjectionBody().place,
      questionnaire: { fever: false },
      consent: 'patient',
      decision: 'fit',
      performedBy,
    },
  );
  expect(consultation.statusCode, consultation.body).toBe(201);
  expect(await told(doctor)).toBe(escaped('3 actes à valider'));
  expect(await told(doctor, 'en')).toBe('3 acts to validate');
  // As many as the list shows.
  const list = await recordsVisitor(server, doctor).read('/dossiers/a-valider');
  expect(list.match(/<article/g)).toHaveLength(3);
  const home = textOf(await recordsVisitor(server, doctor).read('/espace'));
  for (const { nir } of [patient, own.patient, second.patient]) {
    expect(nir).toMatch(/^\d{15}$/);
    expect(home.replaceAll(' ', '')).not.toContain(nir);
  }
  expect(await told(other)).toBeUndefined();
  expect(await told(secretary)).toBeUndefined();

  await recordsVisitor(server, doctor).send('/dossiers/a-valider', `${second.page}/valider`);
  expect(await told(doctor)).toBe(escaped('2 actes à valider'));
});

it('counts what people in training did at the site, for whoever may validate there alone', async () => {
  const site = kinds.hospitalNurse().actingAs?.structure ?? null;
  const trainee = await signedInProfessional(server, {
    columns: { profession: '10', category: 'E' },
    actingAs: anExercise({ category: 'E', mode: 'S', sector: 'SA01', structure: site }),
  });
  const nurse = await signedInProfessional(server, kinds.hospitalNurse());
  const { id } = await aPatient(server.deps);
  const place = { kind: 'establishment', finess: '750000011', name: 'CH' };
  await recordedInjection(server, trainee, id, { place });
  expect(await told(nurse)).toBe(escaped('1 acte à valider'));
  // In training, nobody validates: the page leads nowhere they may not go.
  expect(await told(trainee)).toBeUndefined();
  expect(await told(await signedInProfessional(server, kinds.pharmacist()))).toBeUndefined();
});
