import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { callbacks } from '#server/callbacks/callbacks.table.ts';
import { cases } from '#server/cases/cases.table.ts';
import { aCase } from '#server/testing/builders.ts';
import { escaped, type Form, formToken, sentence, storedAboutCases } from '#server/testing/page-visitor.ts';
import { pageOf, practitioner } from '#server/testing/practitioner.ts';
import { testApp, testTexts } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database, undefined, () => ({ CALLBACK_PLACES: '1' }));
const visitor = practitioner(database, server);
const phone = { contactPhone: '+33612345678' };

const rappel = (record: Parameters<typeof pageOf>[0]) => `${pageOf(record)}/rappel`;
const slot = (iso: string) => new Date(iso).toISOString();

async function send(record: Parameters<typeof pageOf>[0], form: Form) {
  const token = await visitor.tokenAt(pageOf(record));
  return visitor.post(rappel(record), { token, ...form });
}

describe('the page on which a callback is booked', () => {
  test('offers the times of the line, and opening it changes nothing', async () => {
    const record = await aCase(database.db, phone);
    const before = await storedAboutCases(database.db);
    const { statusCode, body, headers } = await visitor.get(rappel(record));
    expect(statusCode).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toContain(`value="${slot('2026-11-23T10:40:00+01:00')}"`);
    expect(body).toContain('lundi 23');
    expect(body).not.toContain('612345678');
    expect(body).not.toContain('<script>');
    expect(await storedAboutCases(database.db)).toEqual(before);
    expect((await visitor.get(`${rappel(record)}/annuler`)).headers.location).toBe(pageOf(record));
  });

  test('books, shows it on the case’s page, changes and cancels it', async () => {
    const record = await aCase(database.db, phone);
    const booked = await send(record, { creneau: slot('2026-11-23T14:20:00+01:00') });
    expect([booked.statusCode, booked.headers.location]).toEqual([303, `${pageOf(record)}?fait=callback`]);
    const page = (await visitor.get(String(booked.headers.location))).body;
    expect(page).toContain(sentence('tracking.done.callback'));
    expect(page).toMatch(/lundi 23.novembre à 14.h.20 \(heure de Paris\)/);
    expect((await visitor.get(rappel(record))).body).toContain(sentence('callbacks.page.submit_change'));
    await send(record, { creneau: slot('2026-11-23T15:00:00+01:00') });
    const cancelled = await visitor.press(record, 'rappel/annuler');
    expect(cancelled.headers.location).toBe(`${pageOf(record)}?fait=callback_cancelled`);
    expect(await visitor.eventsOf(record)).toEqual([
      'opened',
      'callback_booked',
      'callback_changed',
      'callback_cancelled',
    ]);
  });

  test('shows and keeps the hours of where the caller is', async () => {
    const record = await aCase(database.db, { contactPhone: '+590690123456' });
    const { body } = await visitor.get(rappel(record));
    expect(body).toMatch(/<option value="America\/Guadeloupe" selected>/);
    // 14:20 in Paris.
    expect(body).toMatch(/2026-11-23T13:20:00\.000Z"><span>9.h.20<\/span>/);
    await send(record, { creneau: slot('2026-11-23T14:20:00+01:00'), fuseau: 'America/Guadeloupe' });
    expect((await visitor.get(pageOf(record))).body).toMatch(
      /9.h.20 \(heure de Guadeloupe, soit 14.h.20 heure de Paris\)/,
    );
    const noumea = (await visitor.get(`${rappel(record)}?fuseau=Pacific/Noumea`)).body;
    // 19:40 in Paris is the next day there.
    expect(noumea).toContain('mardi 24');
  });

  test('shows other hours by a form, and keeps the time that was chosen and the number that was typed', async () => {
    const record = await aCase(database.db, { contactPhone: null });
    const before = await storedAboutCases(database.db);
    const creneau = slot('2026-11-24T14:20:00+01:00');
    const form = { creneau, telephone: '06 11 22 33 44', fuseau: 'Europe/Paris' };
    const { statusCode, body } = await visitor.post(`${rappel(record)}/fuseau?lang=en`, {
      ...form,
      'fuseau-voulu': 'Indian/Reunion',
    });
    expect(statusCode).toBe(200);
    expect(body).toContain('<option value="Indian/Reunion" selected>');
    expect(body).toContain('name="fuseau" value="Indian/Reunion"');
    expect(body).toContain(`value="${creneau}" checked`);
    expect(body).toContain('value="06 11 22 33 44"');
    expect(body).toContain(`formaction="${`${rappel(record)}/fuseau?lang=en`.replaceAll('=', '&#x3D;')}"`);
    const unknown = await visitor.post(`${rappel(record)}/fuseau`, { ...form, 'fuseau-voulu': 'Mars/Base' });
    expect(unknown.body).toContain('<option value="Europe/Paris" selected>');
    expect(await storedAboutCases(database.db)).toEqual(before);
    expect((await visitor.post('/suivi/nobody/rappel/fuseau', form)).statusCode).toBe(404);
    // Opened again, the address leads back; and no address can hold a number for somebody else's form.
    expect((await visitor.get(`${rappel(record)}/fuseau`)).headers.location).toBe(rappel(record));
    expect((await visitor.get(`${rappel(record)}?telephone=0611223344`)).body).not.toContain('0611223344');
  });

  test('of the last place just taken says so, offers the next one, and keeps what was typed', async () => {
    const [record, other] = [await aCase(database.db, phone), await aCase(database.db, phone)];
    const creneau = slot('2026-11-24T14:20:00+01:00');
    expect((await send(record, { creneau })).statusCode).toBe(303);
    const { statusCode, body } = await send(other, { creneau, telephone: '06 11 22 33 44' });
    expect(statusCode).toBe(409);
    expect(body).toContain(sentence('problems.callback-taken.title'));
    expect(body).toContain(`value="${slot('2026-11-24T14:40:00+01:00')}" checked`);
    expect(body).toContain('value="06 11 22 33 44"');
    expect(await visitor.eventsOf(other)).toEqual(['opened']);
  });

  test('asks for a telephone number where there is none, and keeps the chosen time', async () => {
    const record = await aCase(database.db, { contactPhone: null });
    const creneau = slot('2026-11-25T14:20:00+01:00');
    const missing = await send(record, { creneau });
    expect(missing.statusCode).toBe(422);
    expect(missing.body).toContain(sentence('callbacks.errors.phone_missing'));
    expect(missing.body).toContain(`value="${creneau}" checked`);
    const wrong = await send(record, { creneau, telephone: '12"><script>' });
    expect(wrong.body).toContain(sentence('case.errors.phone_wrong'));
    expect(wrong.body).toContain(escaped('12"><script>'));
    expect((await send(record, { creneau, telephone: '0612345678' })).statusCode).toBe(303);
  });

  test('says honestly that nobody knows the hours of 3608, and gives the number', async () => {
    const record = await aCase(database.db, { ...phone, hotlineId: 'liberaux' });
    expect((await visitor.get(pageOf(record))).body).not.toContain('/rappel');
    const { body } = await visitor.get(rappel(record));
    expect(body).toContain(sentence('callbacks.page.none.hours_unknown'));
    expect(body).toContain('href="tel:3608"');
    expect(body).not.toContain('name="creneau"');
    const forced = await send(record, { creneau: slot('2026-11-23T14:20:00+01:00') });
    expect(forced.statusCode).toBe(409);
    expect(await visitor.eventsOf(record)).toEqual(['opened']);
  });

  test.each([
    [{}, 422],
    [{ creneau: '' }, 422],
    [{ creneau: 'hier' }, 409],
    [{ creneau: '2026-11-23T13:21:00.000Z' }, 409],
    [{ creneau: '2026-99-99T13:20:00.000Z' }, 409],
    [{ creneau: '2036-11-23T13:20:00.000Z' }, 409],
    [{ creneau: slot('2026-11-26T14:20:00+01:00'), fuseau: 'Mars/Base', telephone: '9'.repeat(5000) }, 422],
  ])('refuses %o', async (form, status) => {
    const record = await aCase(database.db, phone);
    const before = await storedAboutCases(database.db);
    expect((await send(record, form)).statusCode).toBe(status);
    expect(await storedAboutCases(database.db)).toEqual(before);
  });

  test('refuses a form that is not its own, and an unknown link', async () => {
    const [record, other] = [await aCase(database.db, phone), await aCase(database.db, phone)];
    const creneau = slot('2026-11-26T15:20:00+01:00');
    const token = formToken((await visitor.get(rappel(other))).body);
    const { statusCode, body } = await visitor.post(rappel(record), { token, creneau });
    expect(statusCode).toBe(403);
    expect(body).toContain(`value="${creneau}" checked`);
    expect((await visitor.get('/suivi/nobody/rappel')).statusCode).toBe(404);
    expect((await visitor.post('/suivi/nobody/rappel', { token, creneau })).statusCode).toBe(404);
    expect(await visitor.eventsOf(record)).toEqual(['opened']);
  });

  test('of a resolved case offers none, in English too', async () => {
    const record = await visitor.inState('resolved', phone);
    const { body } = await visitor.get(`${rappel(record)}?lang=en`);
    expect(body).toContain(escaped(testTexts.say('en', 'callbacks.page.not_open')));
    expect((await visitor.get(pageOf(record))).body).not.toContain('/rappel');
  });

  test('whose time has passed without a word says so', async () => {
    const record = await aCase(database.db, phone);
    await send(record, { creneau: slot('2026-11-27T09:00:00+01:00') });
    const past = new Date('2026-11-23T09:00:00+01:00');
    await database.db
      .update(callbacks)
      .set({ startsAt: past, endsAt: new Date(past.getTime() + 1) })
      .where(eq(callbacks.caseId, record.id));
    expect((await visitor.get(pageOf(record))).body).toContain('Nous devions vous appeler');
  });
});

describe('the API', () => {
  const call = (method: 'GET' | 'POST' | 'DELETE', record: { trackingToken: string }, payload?: object) =>
    server.app.inject({
      method,
      url: `/api/suivi/${record.trackingToken}/callback`,
      ...(payload && { payload }),
    });

  test('lists, books, changes and cancels', async () => {
    const record = await aCase(database.db, phone);
    const listed = (await call('GET', record)).json();
    expect(listed.callback).toBeUndefined();
    expect(listed.slots[0]).toEqual({
      startsAt: '2026-11-23T10:40:00+01:00',
      endsAt: '2026-11-23T11:00:00+01:00',
    });
    const body = { startsAt: '2026-11-28T14:20:00+01:00' };
    const booked = await call('POST', record, body);
    expect([booked.statusCode, booked.json()]).toEqual([
      201,
      {
        startsAt: '2026-11-28T14:20:00+01:00',
        endsAt: '2026-11-28T14:40:00+01:00',
        hotline: 'etablissements',
        zone: 'Europe/Paris',
      },
    ]);
    expect((await call('POST', record, body)).statusCode).toBe(200);
    const other = await aCase(database.db, phone);
    const lost = await call('POST', other, body);
    expect([lost.statusCode, lost.json().next]).toEqual([409, slot('2026-11-28T14:40:00+01:00')]);
    expect((await call('DELETE', record)).statusCode).toBe(204);
    expect((await call('DELETE', record)).statusCode).toBe(204);
    const [stored] = await database.db.select().from(cases).where(eq(cases.id, record.id));
    expect(stored?.callbackAt).toBeNull();
  });

  test('refuses what is not asked for', async () => {
    const record = await aCase(database.db, phone);
    const at = { startsAt: '2026-11-28T15:20:00+01:00' };
    expect((await call('POST', record, { ...at, place: 1 })).statusCode).toBe(400);
    expect((await call('POST', record, {})).statusCode).toBe(400);
    expect((await call('POST', record, { ...at, zone: 'Mars/Base' })).statusCode).toBe(422);
    expect((await call('POST', { trackingToken: 'nobody' }, at)).statusCode).toBe(404);
    expect((await call('GET', { trackingToken: 'nobody' })).statusCode).toBe(404);
    const unknown = await aCase(database.db, { ...phone, hotlineId: 'liberaux' });
    expect((await call('GET', unknown)).json()).toEqual({ slots: [], none: 'hours_unknown' });
  });
});
