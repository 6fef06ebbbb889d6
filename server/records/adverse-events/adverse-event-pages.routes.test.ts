import { describe, expect, it } from 'vitest';
import { escaped } from '#server/testing/page-visitor.ts';
import { aPatient } from '#server/testing/patients.ts';
import { signedInProfessional } from '#server/testing/professionals.ts';
import { recordedInjection } from '#server/testing/record-requests.ts';
import { fieldsOf, recordsVisitor } from '#server/testing/records-visitor.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);

async function atTheForm() {
  const doctor = await signedInProfessional(server);
  const patient = await aPatient(server.deps);
  const injectionId = await recordedInjection(server, doctor, patient.id);
  const address = `/dossiers/${patient.id}/injections/${injectionId}/effet`;
  const visitor = recordsVisitor(server, doctor);
  const page = await visitor.get(address);
  expect(page.statusCode, page.body).toBe(200);
  const { token = '', key = '' } = fieldsOf(page.body, 'act-form');
  return { ...visitor, address, token, key, page };
}

const typed = {
  date: '2026-11-20',
  time: '19:30',
  description: 'Fièvre & <frissons>',
  serious: 'yes',
  hospitalisation: 'yes',
  outcome: 'recovering',
};

describe('the page to declare an adverse event', () => {
  it('names the injection', async () => {
    const { page } = await atTheForm();
    expect(page.body).toContain('Comirnaty');
    expect(page.body).toContain('FE4721');
  });

  it('carries a key of its own, that no other process gives', async () => {
    const { get, address, key } = await atTheForm();
    const again = fieldsOf((await get(address)).body, 'act-form').key;
    for (const each of [key, again]) expect(each).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(again).not.toBe(key);
  });

  it('gives back what was typed, with its errors', async () => {
    const { post, address, token, key } = await atTheForm();
    const refused = await post(address, { ...typed, token, key });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain('href="#hospitalisedFrom"');
    expect(refused.body).toContain('Fièvre &amp; &lt;frissons&gt;');
    expect(refused.body).toMatch(/id="hospitalisation"[^>]*checked/);
    const stale = await post(address, { ...typed, token: 'old', key });
    expect([stale.statusCode, stale.body.includes('Fièvre &amp;')]).toEqual([403, true]);
  });

  it('leads, sent twice, to one event, that is then sent and acknowledged', async () => {
    const { get, post, send, address, token, key } = await atTheForm();
    const declare = () => post(address, { ...typed, hospitalisedFrom: '2026-11-21', token, key });
    const [one, other] = [await declare(), await declare()];
    expect([one.statusCode, other.headers.location]).toEqual([303, one.headers.location]);
    const read = await get(String(one.headers.location));
    const event = String(one.headers.location).replace('?fait=recorded', '');
    expect(read.body).toContain('<dt>Hospitalisation le</dt><dd>21 novembre 2026</dd>');
    expect(read.body).toContain(escaped('L’effet indésirable est enregistré.'));
    const follow = (fields: Record<string, string>) => send(event, `${event}/declaration`, fields);
    expect((await follow({ state: 'sent' })).statusCode).toBe(303);
    expect((await follow({ state: 'acknowledged', acknowledgement: 'PV-9' })).statusCode).toBe(303);
    expect((await get(event)).body).toContain('PV-9');
  });
});
