import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { cases } from '#server/cases/cases.table.ts';
import type { CaseRecord } from '#server/cases/change-case.ts';
import { followUps } from '#server/follow-ups/follow-ups.table.ts';
import { aCase } from '#server/testing/builders.ts';
import { sentence, storedAboutCases } from '#server/testing/page-visitor.ts';
import { pageOf, practitioner } from '#server/testing/practitioner.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const visitor = practitioner(database, server);

describe('stopping the mails', () => {
  test('is done once, and said on the page', async () => {
    const record = await aCase(database.db, { followUps: true });
    await visitor.press(record, 'arret');
    await visitor.press(record, 'arret');
    expect((await visitor.now(record)).followUps).toBe(false);
    expect(await visitor.eventsOf(record)).toEqual(['opened', 'follow_ups_stopped']);
    const page = await visitor.get(`${pageOf(record)}?fait=mails`);
    expect(page.body).toContain(sentence('tracking.done.mails'));
    expect(page.body).toContain(sentence('tracking.no_mails'));
    expect(page.body).not.toContain('/arret');
  });

  test('is possible for a closed case', async () => {
    const record = await visitor.inState('closed', { followUps: true });
    await visitor.press(record, 'arret');
    expect((await visitor.now(record)).followUps).toBe(false);
  });

  test('by a mail program’s own button needs the secret link only; opening its address changes nothing', async () => {
    const record = await aCase(database.db, { followUps: true });
    const address = `${pageOf(record)}/arret`;
    const before = await storedAboutCases(database.db);
    expect((await visitor.get(address)).statusCode).toBe(303);
    expect(await storedAboutCases(database.db)).toEqual(before);
    const { statusCode, headers } = await visitor.post(address, { 'List-Unsubscribe': 'One-Click' });
    expect([statusCode, headers.location]).toEqual([200, undefined]);
    expect((await visitor.now(record)).followUps).toBe(false);
    const other = await visitor.post(`${pageOf(record)}/ca-marche`, { 'List-Unsubscribe': 'One-Click' });
    expect(other.statusCode).toBe(403);
  });
});

describe('a one-click answer to a mail', () => {
  const linkOf = (record: CaseRecord, followUpId: number | string, reply: string) =>
    `${pageOf(record)}/reponse?suivi=${followUpId}&reponse=${reply}`;

  async function confirm(record: CaseRecord, followUpId: number, reply: string) {
    const { body } = await visitor.get(linkOf(record, followUpId, reply));
    const field = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(body)?.[1] ?? '';
    return visitor.post(`${pageOf(record)}/reponse`, {
      token: field('token'),
      suivi: field('suivi'),
      reponse: field('reponse'),
    });
  }

  const replyOf = async (id: number) =>
    (await database.db.select().from(followUps).where(eq(followUps.id, id)))[0];

  test('asks for one confirmation: opening the links, however often, changes nothing', async () => {
    const record = await visitor.inState('resolved');
    const followUp = await visitor.aFollowUp(record);
    const before = await storedAboutCases(database.db);
    for (const reply of ['works', 'stuck'] as const) {
      const { statusCode, body } = await visitor.get(linkOf(record, followUp, reply));
      expect(statusCode).toBe(200);
      const main = body.slice(body.indexOf('<main'), body.indexOf('</main>'));
      expect(main.match(/<button/g)).toHaveLength(1);
      expect(main).toContain(sentence(`tracking.reply.${reply}.confirm`));
      await server.app.inject({ method: 'HEAD', url: linkOf(record, followUp, reply) });
    }
    expect(await storedAboutCases(database.db)).toEqual(before);
  });

  test('"yes" resolves the case', async () => {
    const record = await visitor.inState('waiting');
    const followUp = await visitor.aFollowUp(record);
    const { headers } = await confirm(record, followUp, 'works');
    expect(headers.location).toBe(`${pageOf(record)}?fait=works`);
    expect((await visitor.now(record)).state).toBe('resolved');
    expect(await replyOf(followUp)).toMatchObject({ reply: 'works', repliedAt: server.clock.now() });
  });

  test('"no" puts the case back at the front', async () => {
    const record = await visitor.inState('resolved');
    const followUp = await visitor.aFollowUp(record);
    await confirm(record, followUp, 'stuck');
    expect(await visitor.now(record)).toMatchObject({ state: 'waiting', returnedAt: server.clock.now() });
    expect(await replyOf(followUp)).toMatchObject({ reply: 'stuck' });
    expect(await visitor.eventsOf(record)).toEqual(['opened', 'practitioner_returned']);
  });

  test('"no" puts a case that nobody took yet to the front, even said before on its page', async () => {
    const record = await visitor.inState('waiting');
    const followUp = await visitor.aFollowUp(record);
    await visitor.press(record, 'toujours-bloque');
    expect((await visitor.now(record)).returnedAt).toBeNull();
    await confirm(record, followUp, 'stuck');
    expect(await visitor.now(record)).toMatchObject({ state: 'waiting', returnedAt: server.clock.now() });
  });

  test.each([
    ['not due yet', { dueAt: new Date('2026-11-24T10:00:00+01:00') }],
    ['that asks nothing', { kind: 'case_opened' }],
  ] as const)('to a mail %s is refused, and is no way to the front', async (_, mail) => {
    const record = await visitor.inState('waiting');
    const followUp = await visitor.aFollowUp(record);
    await database.db.update(followUps).set(mail).where(eq(followUps.id, followUp));
    const before = await storedAboutCases(database.db);
    expect((await confirm(record, followUp, 'stuck')).statusCode).toBe(404);
    expect(await storedAboutCases(database.db)).toEqual(before);
  });

  test('given twice changes nothing, even after the case moved on; the page says it was given', async () => {
    const record = await visitor.inState('resolved');
    const followUp = await visitor.aFollowUp(record);
    const address = `${pageOf(record)}/reponse`;
    const token = await visitor.tokenAt(linkOf(record, followUp, 'stuck'));
    const form = { token, suivi: String(followUp), reponse: 'stuck' };
    await Promise.all(Array.from({ length: 5 }, () => visitor.post(address, form)));
    expect(await visitor.eventsOf(record)).toEqual(['opened', 'practitioner_returned']);
    await database.db
      .update(cases)
      .set({ state: 'resolved', resolvedAt: server.clock.now(), returnedAt: null })
      .where(eq(cases.id, record.id));
    const before = await storedAboutCases(database.db);
    expect((await visitor.post(address, form)).statusCode).toBe(303);
    expect(await storedAboutCases(database.db)).toEqual(before);
    const again = await visitor.get(linkOf(record, followUp, 'stuck'));
    expect(again.body).toContain(sentence('tracking.reply.stuck.given'));
  });

  test('changed into the other is a new fact', async () => {
    const record = await visitor.inState('waiting');
    const followUp = await visitor.aFollowUp(record);
    await confirm(record, followUp, 'works');
    await confirm(record, followUp, 'stuck');
    expect(await visitor.eventsOf(record)).toEqual([
      'opened',
      'practitioner_confirmed',
      'practitioner_returned',
    ]);
    expect(await visitor.now(record)).toMatchObject({ state: 'waiting', returnedAt: server.clock.now() });
    expect(await replyOf(followUp)).toMatchObject({ reply: 'stuck' });
  });

  test('of another case’s mail, or cut short, leads to the case’s page and changes nothing', async () => {
    const record = await visitor.inState('waiting');
    const foreign = await visitor.aFollowUp(await visitor.inState('waiting'));
    const address = pageOf(record);
    const before = await storedAboutCases(database.db);
    for (const link of [
      linkOf(record, foreign, 'works'),
      linkOf(record, '', 'works'),
      linkOf(record, 'x', 'works'),
      linkOf(record, '99999999999999999999', 'works'),
      linkOf(record, foreign, 'maybe'),
      `${address}/reponse`,
    ]) {
      expect((await visitor.get(link)).headers.location).toBe(address);
    }
    const token = await visitor.tokenAt(address);
    expect(
      (await visitor.post(`${address}/reponse`, { token, suivi: String(foreign), reponse: 'works' }))
        .statusCode,
    ).toBe(404);
    expect(
      (await visitor.post(`${address}/reponse`, { token, suivi: 'x', reponse: 'works' })).statusCode,
    ).toBe(422);
    expect(await storedAboutCases(database.db)).toEqual(before);
  });
});
