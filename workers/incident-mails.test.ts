import { once } from 'node:events';
import { eq, sql } from 'drizzle-orm';
import { beforeEach, expect, test, vi } from 'vitest';
import { caseEvents } from '#server/cases/cases.table.ts';
import { closeIncident } from '#server/incidents/close-incident.ts';
import { incidentNotices } from '#server/incidents/incident-notices.table.ts';
import { incidentMailPace, incidentSubscriptions } from '#server/incidents/incidents.table.ts';
import { reopenIncident } from '#server/incidents/reopen-incident.ts';
import { sweepIncidents } from '#server/incidents/sweep-incidents.ts';
import { anIncident, aSupervisor, aWish } from '#server/incidents/testing/builders.ts';
import { aCase } from '#server/testing/builders.ts';
import { eventually } from '#server/testing/eventually.ts';
import { onEachEngine, type Stage } from './testing/stage.ts';

onEachEngine('mails at the end of an incident', (stage) => {
  // Each test begins as after a long silence: with one burst.
  beforeEach(async () => {
    await stage.db.update(incidentMailPace).set({ allowance: 0, at: new Date(0) });
  });

  test('thousands of people wait, a worker is killed in the middle: each gets one mail', {
    timeout: 300_000,
  }, async () => {
    // The broker carries the turns and not the mails: 5,000 on one of the engines say it all.
    const count = stage.broker.config.redisUrl === undefined ? 5000 : 1000;
    const incident = await waitedFor(stage, count);
    const worker = stage.spawned('main.ts', { INCIDENT_MAILS_PER_MINUTE: '600000' });
    const killed = once(worker, 'exit');
    stage.smtp.onAccepted(() => {
      if (stage.smtp.accepted.length === count / 4) worker.kill('SIGKILL');
    });
    await killed;
    stage.smtp.onAccepted(undefined);
    const before = stage.smtp.accepted.length;
    expect(before).toBeLessThan(count);
    // What it was sending when it died: the server may have taken these, and nobody could note it.
    const inDoubt = new Set(
      (
        await stage.db
          .select({ email: incidentNotices.email })
          .from(incidentNotices)
          .where(sql`${incidentNotices.incidentId} = ${incident} and ${incidentNotices.state} = 'sending'`)
      ).map(({ email }) => email),
    );
    expect(inDoubt.size).toBeLessThanOrEqual(5);

    // What the dead worker had begun is taken up when its lease has ended.
    const clock = { now: () => new Date(Date.now() + 11 * 60_000) };
    expect(await sweepIncidents(stage.db, clock.now())).toMatchObject({ planned: 0, resumed: 1, failed: 0 });
    const deps = stage.dependencies();
    const config = { ...deps.config, incidentMailsPerMinute: 600_000 };
    stage.start({ ...deps, config, clock });
    await vi.waitFor(
      async () => {
        const left = sql`${incidentNotices.incidentId} = ${incident} and ${incidentNotices.state} <> 'sent'`;
        expect(await stage.db.$count(incidentNotices, left)).toBe(0);
      },
      { ...eventually, timeout: 240_000 },
    );

    const mails = new Map<string, (string | undefined)[]>();
    for (const { deliveredTo, messageId } of stage.smtp.accepted) {
      mails.set(deliveredTo, [...(mails.get(deliveredTo) ?? []), messageId]);
    }
    // Everybody was written to, each with a mail of their own.
    const everybody = Array.from({ length: count }, (_, place) => `reader.${place + 1}@exemple.test`);
    expect([...mails.keys()].toSorted()).toEqual(everybody.toSorted());
    expect(new Set([...mails.values()].flat()).size).toBe(count);
    // Whoever was not in doubt got it once; the others once more at most, as the same mail, by which mail systems know.
    for (const [email, ids] of mails) {
      expect([email, ids.length]).toEqual([email, inDoubt.has(email) ? expect.toBeOneOf([1, 2]) : 1]);
      expect(new Set(ids).size).toBe(1);
    }
  });

  test('the pace is kept by all workers together', async () => {
    const incident = await waitedFor(stage, 40);
    const deps = stage.dependencies();
    // A burst of 10, then two a second.
    const config = { ...deps.config, incidentMailsPerMinute: 120 };
    const begun = Date.now();
    stage.start({ ...deps, config });
    stage.start({ ...deps, config });
    await stage.smtp.received(16);
    const passed = (Date.now() - begun) / 1000;
    expect(stage.smtp.accepted.length).toBeLessThanOrEqual(10 + 2 * passed + 1);
    await stage.db.delete(incidentNotices).where(eq(incidentNotices.incidentId, incident));
  });

  test('reopened in the middle, it holds back what has not left, and closed again nobody gets a second mail', async () => {
    const supervisor = await aSupervisor(stage.db);
    const { id } = await anIncident(stage.db, { agent: supervisor }, new Date());
    for (const name of ['a', 'b', 'c']) await aWish(stage.db, id, `${name}@exemple.test`);
    await closeIncident(stage.db, { agent: supervisor, id }, new Date());
    const deps = stage.dependencies();
    // One at a time: the second waits while it is reopened.
    const workers = stage.start({ ...deps, config: { ...deps.config, incidentMailsPerMinute: 1 } });
    await stage.smtp.received(1);
    await reopenIncident(stage.db, { agent: supervisor, id }, new Date());
    await workers.close();
    expect(await stage.db.$count(incidentNotices, eq(incidentNotices.incidentId, id))).toBe(1);
    await closeIncident(stage.db, { agent: supervisor, id }, new Date());
    stage.start({ ...deps, config: { ...deps.config, incidentMailsPerMinute: 600_000 } });
    await stage.smtp.received(3);
    await vi.waitFor(async () => {
      const sent = sql`${incidentNotices.incidentId} = ${id} and ${incidentNotices.state} = 'sent'`;
      expect(await stage.db.$count(incidentNotices, sent)).toBe(3);
    }, eventually);
    const to = stage.smtp.accepted.map(({ deliveredTo }) => deliveredTo);
    expect(to.toSorted()).toEqual(['a@exemple.test', 'b@exemple.test', 'c@exemple.test']);
  });

  test('whoever asked to be told and has linked cases gets one mail, about the case', async () => {
    const supervisor = await aSupervisor(stage.db);
    const { id } = await anIncident(stage.db, { agent: supervisor }, new Date());
    const linked = { incidentId: id, contactEmail: 'Both@exemple.test' };
    await aCase(stage.db, linked);
    const newest = await aCase(stage.db, linked);
    await aCase(stage.db, { incidentId: id, contactEmail: 'silent@exemple.test', followUps: false });
    await aWish(stage.db, id, 'both@exemple.test');
    await closeIncident(stage.db, { agent: supervisor, id }, new Date());
    const deps = stage.dependencies();
    stage.start(deps);
    await vi.waitFor(async () => {
      const events = await stage.db.select().from(caseEvents).where(eq(caseEvents.caseId, newest.id));
      expect(events.map(({ kind }) => kind)).toContain('mail_sent');
    }, eventually);
    expect(stage.smtp.accepted.map(({ deliveredTo }) => deliveredTo)).toEqual(['Both@exemple.test']);
    const [mail] = stage.smtp.accepted;
    expect(mail?.text).toContain(`https://help.test/suivi/${newest.trackingToken}/reponse?suivi=`);
    expect(mail?.text).toContain('reponse=works');
  });
});

/** A closed incident for whose end that many people wait. */
async function waitedFor({ db }: Stage, count: number): Promise<number> {
  const supervisor = await aSupervisor(db);
  const { id } = await anIncident(db, { agent: supervisor }, new Date());
  await db.execute(sql`
    insert into ${incidentSubscriptions} (incident_id, email, language, token, created_at)
    select ${id}::bigint, 'reader.' || place || '@exemple.test', 'fr', gen_random_uuid()::text, now()
    from generate_series(1, ${count}::int) place`);
  await closeIncident(db, { agent: supervisor, id }, new Date());
  return id;
}
