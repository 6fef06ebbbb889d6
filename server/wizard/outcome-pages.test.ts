import { describe, expect, it } from 'vitest';
import { aCase } from '#server/testing/builders.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);

/** Answers `node.option` steps through the API; gives the session's id. */
async function walked(...steps: string[]): Promise<string> {
  const { id } = (
    await server.app.inject({ method: 'POST', url: '/api/wizard/sessions', payload: {} })
  ).json();
  for (const step of steps) {
    const [node, answer] = step.split('.');
    const url = `/api/wizard/sessions/${id}/answers`;
    const { statusCode, body } = await server.app.inject({ method: 'POST', url, payload: { node, answer } });
    expect(statusCode, body).toBeLessThan(300);
  }
  return id;
}

const page = async (id: string, node: string) =>
  (await server.app.inject(`/diagnostic/${id}/${node}`)).body.replaceAll('\u00a0', ' ');

describe('who is sent elsewhere', () => {
  const toDelegation = ['way.ecps', 'problem.no_rpps', 'training.nursing'];

  it('can still ask a person, when they are a professional', async () => {
    const id = await walked(...toDelegation);
    expect(await page(id, 'delegated')).toContain(`href="/diagnostic/${id}/demande"`);
    expect((await server.app.inject(`/diagnostic/${id}/demande`)).statusCode).toBe(200);
  });

  it('has nothing more to ask once their case is open', async () => {
    const id = await walked(...toDelegation);
    await aCase(database.db, { wizardSessionId: id });
    expect(await page(id, 'delegated')).not.toContain('Toujours bloqué');
  });

  it('is not offered a professionals’ case when they are patients', async () => {
    const id = await walked('way.insured');
    expect(await page(id, 'insured_site')).not.toContain('/demande');
  });
});

describe('an address that a step speaks of', () => {
  it('is named as missing when the installation has none, rather than left out', async () => {
    const id = await walked('way.card', 'problem.card', 'card_trouble.lost');
    expect(await page(id, 'card_lost')).toContain(
      'Assistance de la carte CPS : adresse non renseignée ici, demandez-la à la ligne d’assistance.',
    );
  });
});

describe('a page that takes a form', () => {
  it.each(['/diagnostic', '/diagnostic/x/way', '/diagnostic/x/langue'])('refuses JSON: %s', async (url) => {
    const response = await server.app.inject({ method: 'POST', url, payload: { answer: 'ecps' } });
    expect(response.statusCode).toBe(415);
    expect(response.headers['content-type']).toContain('text/html');
    expect(response.body).not.toContain('JSON');
  });
});
