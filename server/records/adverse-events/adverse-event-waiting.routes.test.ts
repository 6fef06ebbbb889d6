import { beforeAll, describe, expect, it } from 'vitest';
import { aPatient } from '#server/testing/patients.ts';
import {
  anExercise,
  kinds,
  type SignedInProfessional,
  signedInProfessional,
} from '#server/testing/professionals.ts';
import { anAdverseEventBody, anInjectionBody, ask, declaredEvent } from '#server/testing/record-requests.ts';
import { recordsVisitor, textOf } from '#server/testing/records-visitor.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);

let doctor: SignedInProfessional;
beforeAll(async () => {
  doctor = await signedInProfessional(server);
});

const visitor = (who: SignedInProfessional) => recordsVisitor(server, who);

describe('what waits for validation', () => {
  const hospital = { kind: 'establishment', finess: '750000011', name: 'CH' };
  const student = () => ({
    columns: { profession: '10', category: 'E' },
    actingAs: anExercise({
      category: 'E',
      mode: 'S',
      sector: 'SA01',
      structure: kinds.hospitalNurse().actingAs?.structure ?? null,
    }),
  });

  it('is a delegate’s declaration, validated by one click or corrected by whom it is for', async () => {
    const secretary = await signedInProfessional(server, kinds.secretary());
    const given = await ask(server, doctor, 'POST', '/api/records/delegations', {
      delegateIdentifier: secretary.professional.nationalIdentifier,
      delegateName: 'Dominique Petit',
      scope: 'entry',
      validFrom: '2026-11-01',
    });
    expect(given.statusCode, given.body).toBe(201);
    const { page } = await declaredEvent(
      server,
      { declarer: secretary, recorder: doctor },
      { performedBy: doctor.professional.nationalIdentifier, description: 'Saisi pour un autre' },
    );
    const [mine, theirs] = [visitor(doctor), visitor(secretary)];
    const shown = textOf(await mine.read(page));
    expect(shown).toContain('Validé par En attente de validation');
    expect(shown).toContain('doit être validé avant l’envoi');
    expect(await theirs.read(page)).not.toContain(`action="${page}/valider"`);
    const waiting = await mine.read('/dossiers/a-valider');
    expect(waiting).toContain('Saisi pour un autre');
    expect(waiting).toContain(`href="${page}/corriger"`);
    const validated = await mine.send('/dossiers/a-valider', `${page}/valider`);
    expect(validated.headers.location).toBe('/dossiers/a-valider?fait=validate');
    expect(await mine.read('/dossiers/a-valider')).not.toContain('Saisi pour un autre');
    expect(textOf(await mine.read(page))).toContain(`Validé par Anne ${doctor.professional.familyName}`);
    // What the delegate corrects waits again.
    const form = `${page}/corriger`;
    expect((await theirs.send(form, form, { reason: 'Précision', outcome: 'unknown' })).statusCode).toBe(303);
    expect(await mine.read('/dossiers/a-valider')).toContain(page);
    expect((await mine.send(form, form, { reason: 'Relu', outcome: 'recovered' })).statusCode).toBe(303);
    expect(await mine.read('/dossiers/a-valider')).not.toContain(page);
  });

  it('is what people in training did at the site, for whoever may validate there and for nobody else', async () => {
    const trainee = await signedInProfessional(server, student());
    const nurse = await signedInProfessional(server, kinds.hospitalNurse());
    const pharmacist = await signedInProfessional(server, kinds.pharmacist());
    const patient = await aPatient(server.deps);
    const base = `/api/records/patients/${patient.id}`;
    const dose = await ask(
      server,
      trainee,
      'POST',
      `${base}/injections`,
      anInjectionBody({ place: hospital, lot: 'TRAIN1' }),
    );
    expect(dose.json()).toMatchObject({ validatedBy: null });
    const asked = { ...anAdverseEventBody(dose.json().id), description: 'Vu par l’interne' };
    const event = await ask(server, trainee, 'POST', `${base}/adverse-events`, asked);
    expect(event.json()).toMatchObject({ validatedBy: null });
    const pages = {
      dose: `/dossiers/${patient.id}/injections/${dose.json().id}`,
      event: `/dossiers/${patient.id}/effets/${event.json().id}`,
    };
    const list = textOf(await visitor(nurse).read('/dossiers/a-valider'));
    for (const words of [
      'TRAIN1',
      'Vu par l’interne',
      `En formation\u00a0: Anne ${trainee.professional.familyName}`,
    ]) {
      expect(list).toContain(words);
    }
    for (const stranger of [doctor, pharmacist]) {
      expect(await visitor(stranger).read('/dossiers/a-valider')).not.toContain('TRAIN1');
      const refused = await ask(
        server,
        stranger,
        'POST',
        `${base}/adverse-events/${event.json().id}/validate`,
        undefined,
        {
          'if-match': '"1"',
        },
      );
      expect(refused.statusCode).toBe(403);
    }
    // In training, nobody validates their own.
    expect(await visitor(trainee).read(pages.event)).not.toContain(`action="${pages.event}/valider"`);
    expect(await visitor(trainee).read(pages.dose)).not.toContain(`action="${pages.dose}/valider"`);
    const own = await ask(
      server,
      trainee,
      'POST',
      `${base}/adverse-events/${event.json().id}/validate`,
      undefined,
      {
        'if-match': '"1"',
      },
    );
    expect(own.json().type).toBe('/problems/may-not-category');
    const form = `${pages.event}/corriger`;
    const changed = await visitor(trainee).send(form, form, { reason: 'Relu', outcome: 'unknown' });
    expect(changed.statusCode).toBe(303);
    expect(await visitor(nurse).read('/dossiers/a-valider')).toContain('Vu par l’interne');
    // One click for the one, a correction for the other: both are answered for.
    const click = await visitor(nurse).send('/dossiers/a-valider', `${pages.event}/valider`);
    expect(click.statusCode).toBe(303);
    const correction = `${pages.dose}/corriger`;
    const corrected = await visitor(nurse).send(correction, correction, {
      reason: 'Lot relu',
      lot: 'TRAIN2',
    });
    expect(corrected.statusCode).toBe(303);
    const after = await visitor(nurse).read('/dossiers/a-valider');
    expect(after).not.toContain('TRAIN');
    expect(after).not.toContain('Vu par l’interne');
    expect(textOf(await visitor(nurse).read(pages.dose))).toContain(
      `Validé par Anne ${nurse.professional.familyName}`,
    );
  });
});
