import { describe, expect, it } from 'vitest';
import { escaped } from '#server/testing/page-visitor.ts';
import { signedInProfessional } from '#server/testing/professionals.ts';
import { recordsVisitor } from '#server/testing/records-visitor.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const server = testApp(testDatabase());

describe('the form by which entering is delegated', () => {
  it('comes back with what was typed', async () => {
    const doctor = recordsVisitor(server, await signedInProfessional(server));
    const token = await doctor.tokenAt('/delegations');
    const answer = await doctor.post('/delegations', {
      token,
      delegateName: 'Dominique Petit',
      delegateIdentifier: '1',
      scope: 'entry',
      validFrom: '2026-11-23',
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('value="Dominique Petit"');
    expect(answer.body).toContain('href="#delegateIdentifier"');
  });

  it('says, left empty, of that it is needed', async () => {
    const doctor = recordsVisitor(server, await signedInProfessional(server));
    const token = await doctor.tokenAt('/delegations');
    const { statusCode, body } = await doctor.post('/delegations', { token, validFrom: '2026-11-23' });
    expect(statusCode).toBe(422);
    for (const said of [
      'Écrivez le prénom et le nom de la personne.',
      'Écrivez l’identifiant national de la personne.',
      'Choisissez ce qui est permis.',
    ]) {
      expect(body).toContain(escaped(said));
    }
  });
});
