import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CaseEventKind, caseEvents, cases } from '../cases/cases.table.ts';
import { outbox } from '../database/outbox.table.ts';
import { smtpTransport } from '../mail/smtp-transport.ts';
import { startSmtp, type TestSmtp } from '../mail/testing/smtp.ts';
import type { MailTransport } from '../mail/transport.ts';
import { theNotice } from '../routing/builders.ts';
import { aCase } from '../testing/builders.ts';
import { testTexts, testViews } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { followUps } from './follow-ups.table.ts';
import { NotAccepted, sendFollowUp } from './send-follow-up.ts';

const database = testDatabase();
let smtp: TestSmtp;
let mail: MailTransport;
beforeAll(async () => {
  smtp = await startSmtp();
  mail = smtpTransport({ url: smtp.url });
});
afterAll(async () => {
  await mail.close();
  await smtp.close();
});
beforeEach(() => {
  smtp.forget();
  smtp.onAccepted(undefined);
});

const now = new Date('2026-11-24T10:00:00+01:00');
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000);

function send(followUpId: number, at = now, transport = mail) {
  return sendFollowUp(
    {
      db: database.db,
      mail: transport,
      texts: testTexts,
      views: testViews,
      configuration: theNotice(),
      publicUrl: 'https://help.test',
      from: 'Aiguillage <ne-pas-repondre@help.test>',
    },
    { followUpId, now: at },
  );
}

/** A case with one mail planned. */
async function planned(
  overrides: Partial<typeof cases.$inferInsert> = {},
  followUp: Partial<typeof followUps.$inferInsert> = {},
) {
  const { id: caseId, contactEmail, version } = await aCase(database.db, overrides);
  const [stored] = await database.db
    .insert(followUps)
    .values({ caseId, kind: 'did_it_work', round: 1, dueAt: now, ...followUp })
    .returning();
  if (!stored) throw new Error('the follow-up was not stored');
  return { id: stored.id, caseId, contactEmail, version };
}

async function stateOf(id: number) {
  const [row] = await database.db.select().from(followUps).where(eq(followUps.id, id));
  return row;
}

async function historyOf(caseId: number) {
  const events = await database.db
    .select()
    .from(caseEvents)
    .where(eq(caseEvents.caseId, caseId))
    .orderBy(asc(caseEvents.id));
  return events.filter(({ kind }) => kind !== 'opened');
}

async function happened(caseId: number, ...kinds: readonly CaseEventKind[]) {
  for (const kind of kinds) {
    await database.db.insert(caseEvents).values({
      caseId,
      hotlineId: 'etablissements',
      kind,
      version: 1,
      at: now,
      actor: 'practitioner',
    });
  }
}

test('a mail that is due is sent, and the case says so', async () => {
  const { id, caseId, contactEmail, version } = await planned();
  expect(await send(id)).toBe('sent');
  expect(smtp.accepted.map(({ messageId, deliveredTo }) => [messageId, deliveredTo])).toEqual([
    [`<follow-up-${id}@help.test>`, contactEmail],
  ]);
  expect(await stateOf(id)).toMatchObject({ state: 'sent', attempts: 1, sentAt: now, failure: null });
  expect(await historyOf(caseId)).toMatchObject([
    { kind: 'mail_sent', actor: 'system', at: now, version, data: { followUpId: id, mail: 'did_it_work' } },
  ]);
});

test('sent again, nothing goes out', async () => {
  const { id, caseId } = await planned();
  await send(id);
  expect(await send(id)).toBe('skipped');
  expect(await send(id, later(600))).toBe('skipped');
  expect(smtp.accepted).toHaveLength(1);
  expect(await historyOf(caseId)).toHaveLength(1);
});

test('what another part sends is not sent here', async () => {
  const { id } = await planned({}, { kind: 'incident_over' });
  expect(await send(id)).toBe('skipped');
  expect(smtp.accepted).toHaveLength(0);
});

test('of many at once, exactly one sends', async () => {
  const { id, caseId } = await planned();
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => send(id)));
  expect(outcomes.toSorted()).toEqual(['sent', ...Array(9).fill('skipped')].toSorted());
  expect(smtp.accepted).toHaveLength(1);
  expect(await historyOf(caseId)).toHaveLength(1);
});

test('a later mail joins the conversation of the first that was sent', async () => {
  const { id, caseId } = await planned({}, { kind: 'case_opened' });
  const [second] = await database.db
    .insert(followUps)
    .values({ caseId, kind: 'did_it_work', round: 1, dueAt: now })
    .returning();
  await send(id);
  await send(second?.id ?? 0);
  expect(smtp.accepted.map(({ inReplyTo }) => inReplyTo)).toEqual([undefined, `<follow-up-${id}@help.test>`]);
});

describe('held up by an outage', () => {
  const night = new Date('2026-11-24T23:10:00+01:00');
  const morning = new Date('2026-11-25T10:00:00+01:00');

  test('a question waits for the next morning, with a job of its own', async () => {
    const { id, caseId } = await planned();
    expect(await send(id, night)).toBe('postponed');
    expect(smtp.accepted).toHaveLength(0);
    expect(await stateOf(id)).toMatchObject({
      state: 'planned',
      attempts: 0,
      sendingSince: null,
      dueAt: morning,
    });
    const jobs = await database.db.select().from(outbox).where(eq(outbox.notBefore, morning));
    expect(jobs).toMatchObject([{ job: 'send-follow-up', payload: { followUpId: id } }]);
    expect(await send(id, morning)).toBe('sent');
    expect(await historyOf(caseId)).toHaveLength(1);
  });

  test('what somebody waits for goes out at once', async () => {
    const { id } = await planned({}, { kind: 'case_opened' });
    expect(await send(id, night)).toBe('sent');
  });

  test('what is not wanted any more is not put off either', async () => {
    const { id, caseId } = await planned();
    await database.db.update(cases).set({ followUps: false }).where(eq(cases.id, caseId));
    expect(await send(id, night)).toBe('cancelled');
  });
});

describe('what changed since it was planned', () => {
  test.each([
    ['consent was withdrawn', { followUps: false }, 'consent_withdrawn'],
    ['the address was removed', { contactEmail: null, contactPhone: '+33612345678' }, 'no_address'],
    ['the case was closed', { state: 'closed' }, 'case_closed'],
  ] as const)('%s: not sent', async (_what, change, reason) => {
    const { id, caseId } = await planned();
    await database.db.update(cases).set(change).where(eq(cases.id, caseId));
    expect(await send(id)).toBe('cancelled');
    expect(await stateOf(id)).toMatchObject({ state: 'cancelled', failure: reason });
    expect(await send(id, later(600))).toBe('skipped');
    expect(smtp.accepted).toHaveLength(0);
    expect(await historyOf(caseId)).toEqual([]);
  });

  test('the case was merged into another: not sent', async () => {
    const { id, caseId } = await planned();
    const other = await aCase(database.db);
    await database.db
      .update(cases)
      .set({ state: 'closed', mergedInto: other.id })
      .where(eq(cases.id, caseId));
    expect(await send(id)).toBe('cancelled');
    expect(await stateOf(id)).toMatchObject({ failure: 'case_merged' });
    expect(smtp.accepted).toHaveLength(0);
  });

  test('the practitioner said that it works: not asked any more', async () => {
    const { id, caseId } = await planned();
    await happened(caseId, 'practitioner_returned', 'practitioner_confirmed');
    expect(await send(id)).toBe('cancelled');
    expect(await stateOf(id)).toMatchObject({ failure: 'works_already' });
    expect(smtp.accepted).toHaveLength(0);
  });

  test('the practitioner said that it works, then came back: asked', async () => {
    const { id, caseId } = await planned();
    await happened(caseId, 'practitioner_confirmed', 'practitioner_returned');
    expect(await send(id)).toBe('sent');
  });

  test('the desk resolved it: asked, for only the practitioner knows', async () => {
    const { id, caseId } = await planned();
    await database.db.update(cases).set({ state: 'resolved', resolvedAt: now }).where(eq(cases.id, caseId));
    expect(await send(id)).toBe('sent');
  });
});

describe('a mail server that refuses', () => {
  test('for now: nothing is lost, the next try sends one mail', async () => {
    const { id, caseId } = await planned();
    smtp.refuse(
      { at: 'recipient', status: 450, words: '4.2.1 try later' },
      { at: 'message', status: 451, words: 'no' },
    );
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(send(id)).rejects.toThrow(NotAccepted);
      expect(await stateOf(id)).toMatchObject({ state: 'planned', attempts: 0, sendingSince: null });
    }
    expect(await send(id)).toBe('sent');
    expect(smtp.accepted).toHaveLength(1);
    expect((await historyOf(caseId)).map(({ kind }) => kind)).toEqual(['mail_sent']);
  });

  test('by being away: as often as it takes', async () => {
    const { id } = await planned();
    const nobody = smtpTransport({ url: 'smtp://127.0.0.1:1' });
    for (let tries = 0; tries < 4; tries += 1) {
      await expect(send(id, now, nobody)).rejects.toThrow(NotAccepted);
    }
    await nobody.close();
    expect(await send(id)).toBe('sent');
  });

  test.each([
    [{ at: 'recipient', status: 550, words: '5.1.1 no such user' }, 'recipient_refused', '550 5.1.1'],
    [{ at: 'message', status: 554, words: '5.7.1 spam' }, 'message_refused', '554 5.7.1'],
  ] as const)('for good (%o): given up, and the agents see it', async (refusal, code, answer) => {
    const { id, caseId } = await planned();
    smtp.refuse(refusal);
    expect(await send(id)).toBe('failed');
    expect(await stateOf(id)).toMatchObject({ state: 'failed', attempts: 1 });
    expect((await stateOf(id))?.failure).toContain(`${code} ${answer}`);
    expect(await historyOf(caseId)).toMatchObject([
      { kind: 'mail_failed', actor: 'system', data: { followUpId: id, mail: 'did_it_work', code } },
    ]);
    expect(await send(id, later(600))).toBe('skipped');
    expect(smtp.accepted).toHaveLength(0);
  });

  test('an address that is none is given up without troubling it', async () => {
    const { id, caseId } = await planned({ contactEmail: 'a@exemple.test, b@exemple.test' });
    expect(await send(id)).toBe('failed');
    expect(await historyOf(caseId)).toMatchObject([{ data: { code: 'recipient_refused' } }]);
    expect(smtp.accepted).toHaveLength(0);
  });
});

describe('a worker that dies in the middle', () => {
  /** A delivery whose worker was killed after the server accepted the mail: the state it leaves behind. */
  async function dead(id: number, since: Date, attempts = 1) {
    await database.db
      .update(followUps)
      .set({ state: 'sending', sendingSince: since, attempts })
      .where(eq(followUps.id, id));
  }

  test('its mail is in nobody’s hands until the lease ends, then tried once more under the same Message-ID', async () => {
    const { id, caseId } = await planned();
    await dead(id, now);
    expect(await send(id, later(9))).toBe('skipped');
    expect(await send(id, later(10))).toBe('sent');
    expect(smtp.accepted.map(({ messageId }) => messageId)).toEqual([`<follow-up-${id}@help.test>`]);
    expect(await stateOf(id)).toMatchObject({ state: 'sent', attempts: 2 });
    expect(await historyOf(caseId)).toHaveLength(1);
  });

  test('a second time: never a third mail', async () => {
    const { id } = await planned();
    await dead(id, now, 2);
    expect(await send(id, later(60))).toBe('skipped');
    expect(smtp.accepted).toHaveLength(0);
  });

  test('slow but alive, it still settles what another took over', async () => {
    const { id, caseId } = await planned();
    let answer: () => void = () => {};
    const reached = new Promise<void>((resolve) => {
      smtp.onAccepted(() => {
        smtp.onAccepted(undefined);
        resolve();
        return new Promise((release) => {
          answer = release;
        });
      });
    });
    const slow = send(id, now);
    await reached;
    const second = smtpTransport({ url: smtp.url });
    expect(await send(id, later(11), second)).toBe('sent');
    await second.close();
    answer();
    expect(await slow).toBe('sent');
    expect(await stateOf(id)).toMatchObject({ state: 'sent', attempts: 2 });
    expect((await historyOf(caseId)).map(({ kind }) => kind)).toEqual(['mail_sent']);
  });
});
