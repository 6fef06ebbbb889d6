import { and, eq } from 'drizzle-orm';
import type { SendMailOptions } from 'nodemailer';
import { expect, test } from 'vitest';
import { bookCallback } from '../callbacks/book-callback.ts';
import { cancelCallback } from '../callbacks/cancel-callback.ts';
import { outbox } from '../database/outbox.table.ts';
import { theNotice } from '../routing/builders.ts';
import { aCase } from '../testing/builders.ts';
import { testTexts, testViews } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { followUps, type MailedKind } from './follow-ups.table.ts';
import { sendFollowUp } from './send-follow-up.ts';
import { sweepFollowUps } from './sweep-follow-ups.ts';

const database = testDatabase();
const configuration = theNotice();
const now = new Date('2026-11-23T10:00:00+01:00');
const at = (time: string) => new Date(`2026-11-23T${time}:00+01:00`);
const rules = { configuration, terms: { slotMinutes: 20, places: 9, noticeMinutes: 30, days: 7 } };

async function called(startsAt = at('14:20')) {
  const record = await aCase(database.db, { contactPhone: '+33612345678' });
  await bookCallback(database.db, { token: record.trackingToken, startsAt }, rules, now);
  return record;
}

async function mailOf({ id }: { readonly id: number }, kind: MailedKind, place = 0) {
  const rows = await database.db
    .select()
    .from(followUps)
    .where(and(eq(followUps.caseId, id), eq(followUps.kind, kind)));
  const row = rows.sort((a, b) => a.id - b.id)[place];
  if (!row) throw new Error(`no ${kind}`);
  return row;
}

/** Sends it, and gives the mails that left. */
async function send(followUpId: number, when: Date) {
  const left: SendMailOptions[] = [];
  const mail = {
    deliver: async (each: SendMailOptions) => {
      left.push(each);
      return { outcome: 'accepted' } as const;
    },
    close: async () => {},
  };
  const from = 'Aiguillage <aide@help.test>';
  const making = { texts: testTexts, views: testViews, configuration, publicUrl: 'https://help.test' };
  const outcome = await sendFollowUp({ db: database.db, mail, from, ...making }, { followUpId, now: when });
  const files = left.flatMap(({ attachments = [] }) => attachments.map(({ content }) => String(content)));
  return { outcome, left, files };
}

test('what is booked comes with an entry for the calendar, what is changed takes the first one out', async () => {
  const record = await called();
  const first = await send((await mailOf(record, 'callback_booked')).id, now);
  expect(first.left[0]?.subject).toMatch(/14.h.20/);
  expect(first.files).toHaveLength(1);
  expect(first.files[0]).toContain('DTSTART:20261123T132000Z');
  await bookCallback(database.db, { token: record.trackingToken, startsAt: at('15:00') }, rules, now);
  const second = await send((await mailOf(record, 'callback_booked', 1)).id, now);
  expect(second.files.map((file) => /METHOD:(\w+)/.exec(file)?.[1])).toEqual(['PUBLISH', 'CANCEL']);
  expect(/UID:(.+)\r/.exec(second.files[1] ?? '')?.[1]).toBe(/UID:(.+)\r/.exec(first.files[0] ?? '')?.[1]);
  // The first one's reminder is no longer true.
  expect((await send((await mailOf(record, 'callback_reminder')).id, at('13:50'))).outcome).toBe('cancelled');
});

test('a reminder goes once, and none when the callback is off', async () => {
  const record = await called();
  const { id } = await mailOf(record, 'callback_reminder');
  const sent = await Promise.all(Array.from({ length: 5 }, () => send(id, at('13:50'))));
  expect(sent.flatMap(({ left }) => left)).toHaveLength(1);
  const other = await called();
  await cancelCallback(database.db, other.trackingToken, now);
  expect((await send((await mailOf(other, 'callback_reminder')).id, at('13:50'))).outcome).toBe('cancelled');
  // Nothing had announced it: that it is off is nobody's news.
  expect((await send((await mailOf(other, 'callback_cancelled')).id, now)).outcome).toBe('cancelled');
});

test('a worker killed between sending a reminder and noting it: one more at most, never after the call', async () => {
  const record = await called();
  const { id } = await mailOf(record, 'callback_reminder');
  await database.db
    .update(followUps)
    .set({ state: 'sending', sendingSince: at('13:50'), attempts: 1 })
    .where(eq(followUps.id, id));
  await database.db.update(outbox).set({ relayedAt: at('13:50') });
  expect((await send(id, at('13:55'))).outcome).toBe('skipped');
  expect((await sweepFollowUps(database.db, at('14:05'))).requeued).toBeGreaterThan(0);
  expect((await send(id, at('14:20'))).outcome).toBe('cancelled');
});

test('"does it work?" is not asked before the call, but on the working day after', async () => {
  const record = await called(at('18:00'));
  const [question] = await database.db
    .insert(followUps)
    .values({ caseId: record.id, kind: 'did_it_work', round: 1, dueAt: at('10:00') })
    .returning();
  expect((await send(question?.id ?? 0, at('10:00'))).outcome).toBe('postponed');
  expect((await mailOf(record, 'did_it_work')).dueAt).toEqual(new Date('2026-11-24T10:00:00+01:00'));
});
