import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { caseFormVisitor, expectKept, filledIn, formOf } from '#server/testing/case-form-visitor.ts';
import { sentence, storedAboutCases } from '#server/testing/page-visitor.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { towardPerson } from '#server/testing/walked-session.ts';
import { wizardSessions } from '#server/wizard/wizard.table.ts';

const database = testDatabase();
const server = testApp(database);
const visitor = caseFormVisitor(database, server);

describe('the case form', () => {
  test('asks only what is not already known, and shows what is', async () => {
    const { statusCode, body, headers } = await visitor.get(formOf(await visitor.aSession()));
    expect(statusCode).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toContain('<meta name="robots" content="noindex">');
    for (const known of ['routing.settings.practice', 'routing.modes.L', 'routing.professions.60']) {
      expect(body).toContain(`<span class="known-answer">${sentence(known)}</span>`);
    }
    expect(body).toContain('value="practice" checked');
    expect(body).not.toContain('required');
  });

  test('asks for place and mode when nothing tells the line, and not for the mode where the place decides', async () => {
    const unknown = await visitor.get(formOf(await visitor.aSession(towardPerson)));
    expect(unknown.body).toContain(`<legend>${sentence('routing.questions.setting')}</legend>`);
    expect(unknown.body).toContain(`<legend>${sentence('routing.questions.mode')}</legend>`);
    const centre = await visitor.get(
      formOf(await visitor.aSession([...towardPerson, 'setting/vaccination_centre'])),
    );
    expect(centre.body).toContain(
      `<span class="known-answer">${sentence('routing.settings.vaccination_centre')}</span>`,
    );
    expect(centre.body).not.toContain(sentence('routing.questions.mode'));
  });

  test('opens the case, and leads to a page that can be loaded again', async () => {
    const id = await visitor.aSession();
    let rings = 0;
    const stop = server.deps.doorbell.onRing(() => {
      rings += 1;
    });
    const response = await visitor.send(id, filledIn);
    stop();
    expect([response.statusCode, response.headers.location]).toEqual([303, `${formOf(id)}/envoyee`]);
    expect(rings).toBe(1);
    expect(await visitor.caseOf(id)).toMatchObject({
      hotlineId: 'liberaux',
      contactName: 'Anne Lefèvre',
      contactPhone: '+33612345678',
      contactEmail: 'anne.lefevre@exemple.fr',
      rpps: '10001234565',
      profession: '60',
      mode: 'L',
      setting: 'practice',
      message: 'Le code n’arrive jamais.',
      followUps: true,
      language: 'fr',
    });
    const before = await storedAboutCases(database.db);
    const pages = [await visitor.get(`${formOf(id)}/envoyee`), await visitor.get(`${formOf(id)}/envoyee`)];
    expect(pages.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(await storedAboutCases(database.db)).toEqual(before);
  });

  test('takes consent to mails only when it is given', async () => {
    const id = await visitor.aSession();
    const { followUps: _, ...without } = filledIn;
    await visitor.send(id, without);
    expect((await visitor.caseOf(id))?.followUps).toBe(false);
  });

  test('lets what is known be changed', async () => {
    const id = await visitor.aSession();
    await visitor.send(id, { ...filledIn, setting: 'establishment', mode: 'S', profession: 'none' });
    expect(await visitor.caseOf(id)).toMatchObject({
      hotlineId: 'etablissements',
      setting: 'establishment',
      mode: 'S',
      profession: 'none',
    });
  });

  test('once sent, shows what became of it instead', async () => {
    const id = await visitor.aSession();
    const token = await visitor.tokenOf(id);
    await visitor.post(id, { token, ...filledIn });
    expect((await visitor.get(formOf(id))).headers.location).toBe(`${formOf(id)}/envoyee`);
    const again = await visitor.post(id, { token, ...filledIn, name: 'Bob' });
    expect([again.statusCode, again.headers.location]).toEqual([303, `${formOf(id)}/envoyee`]);
    expect((await visitor.caseOf(id))?.contactName).toBe('Anne Lefèvre');
  });

  test('sent twenty times at once makes one case', async () => {
    const id = await visitor.aSession();
    const token = await visitor.tokenOf(id);
    const before = await storedAboutCases(database.db);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => visitor.post(id, { token, ...filledIn })),
    );
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([303]));
    const after = await storedAboutCases(database.db);
    expect(after.cases).toHaveLength(before.cases.length + 1);
    expect([after.events, after.jobs]).toEqual([before.events + 1, before.jobs + 1]);
  });

  test('is read again in the other language with all that was typed, from then on for good', async () => {
    const id = await visitor.aSession();
    const before = await storedAboutCases(database.db);
    const response = await visitor.send(id, { ...filledIn, lang: 'en' });
    expect(response.statusCode).toBe(200);
    expect(response.body).toContain('<html lang="en">');
    expectKept(response.body, filledIn);
    expect(await storedAboutCases(database.db)).toEqual(before);
    expect((await visitor.get(formOf(id))).body).toContain('<html lang="en">');
    await visitor.send(id, filledIn);
    expect((await visitor.caseOf(id))?.language).toBe('en');
    expect((await visitor.get(`${formOf(id)}/envoyee`)).body).toContain('<html lang="en">');
  });
});

describe('the page that says what happens next', () => {
  const outcomes = [
    ['establishment', 'B', '0 800 08 12 07', 'routing.reasons.place.declared.establishment'],
    ['practice', 'S', '0 800 08 12 07', 'routing.reasons.mode.S'],
    ['other', 'B', '0 800 08 12 07', 'routing.reasons.not_named.B'],
    ['practice', 'L', '3608', 'routing.reasons.mode.L'],
  ] as const;
  test.each(outcomes)('for %s and %s gives %s and its reason', async (setting, mode, phone, reason) => {
    const id = await visitor.aSession(towardPerson);
    await visitor.send(id, { ...filledIn, setting, mode });
    const { body } = await visitor.get(`${formOf(id)}/envoyee`);
    const opened = await visitor.caseOf(id);
    expect(body).toContain(`<strong>${opened?.number}</strong>`);
    expect(body).toContain(`>${phone}</a>`);
    expect(body).toContain(sentence(reason));
    expect(body).toContain(`href="/suivi/${opened?.trackingToken}"`);
    expect(body).toContain(`<code>http://localhost:3000/suivi/${opened?.trackingToken}</code>`);
    expect(body).toContain(phone === '3608' ? sentence('routing.openings.unknown') : 'opening-open');
  });

  test('warns about an RPPS number that seems mistyped, and only then', async () => {
    const [doubtful, right] = [await visitor.aSession(), await visitor.aSession()];
    await visitor.send(doubtful, { ...filledIn, rpps: '10001234567' });
    await visitor.send(right, filledIn);
    expect((await visitor.get(`${formOf(doubtful)}/envoyee`)).body).toContain(
      sentence('routing.warnings.rpps'),
    );
    expect((await visitor.get(`${formOf(right)}/envoyee`)).body).not.toContain(
      sentence('routing.warnings.rpps'),
    );
  });

  test('is still there when the diagnosis has been purged', async () => {
    const id = await visitor.aSession();
    await visitor.send(id, filledIn);
    await database.db.delete(wizardSessions).where(eq(wizardSessions.id, id));
    expect((await visitor.get(`${formOf(id)}/envoyee`)).statusCode).toBe(200);
  });

  test('leads back to the form where nothing was sent', async () => {
    const id = await visitor.aSession();
    expect((await visitor.get(`${formOf(id)}/envoyee`)).headers.location).toBe(formOf(id));
  });
});
