import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { eq, sql } from 'drizzle-orm';
import { cases } from '#server/cases/cases.table.ts';
import { changeCase } from '#server/cases/change-case.ts';
import { fillQueue } from './filled-queue.ts';
import type { Arrivals, Watch } from './live-clients.ts';
import { percentile } from './measure.ts';
import { signedInAgents } from './signed-in-agents.ts';
import type { Stage } from './stage.ts';

const hotline = 'etablissements';
const clients = 200;
const changesPerSecond = 50;
const seconds = 20;

export interface LiveResult {
  readonly name: string;
  readonly clients: number;
  readonly changesPerSecond: number;
  readonly deliveries: number;
  readonly p50: number;
  readonly p99: number;
  readonly aim: number;
}

/** Time in milliseconds from a change's commit to its row at each of the clients. */
export async function live(stage: Stage): Promise<LiveResult> {
  await fillQueue(stage.deps.db, { hotline, waiting: 1000, closed: 0 });
  const [agent] = await signedInAgents(stage.app, stage.deps, { count: 1, hotline, capacity: 5 });
  if (!agent) throw new Error('nobody is signed in');
  const { rows } = await stage.deps.db.execute<{ number: string }>(sql`select number from cases order by id`);

  const watchers = fork(join(import.meta.dirname, 'live-clients.ts'));
  const url = `${stage.origin.replace('http', 'ws')}/api/live?hotline=${hotline}`;
  watchers.send({ url, headers: agent.headers, clients } satisfies Watch);
  await once(watchers, 'message');

  const committed = new Map<string, number>();
  for (let n = 0; n < changesPerSecond * seconds; n += 1) {
    const number = rows[n % rows.length]?.number;
    if (!number) throw new Error('no case to change');
    const turn = wait(1000 / changesPerSecond);
    const changed = await changeOne(stage, number, agent.id);
    committed.set(`${number}@${changed.version}`, Number(process.hrtime.bigint()) / 1e6);
    stage.deps.doorbell.ring();
    await turn;
  }
  await wait(1000);
  watchers.send('stop');
  const [arrivals] = (await once(watchers, 'message')) as [Arrivals];

  const delays: number[] = [];
  for (const [change, at] of committed) {
    const times = arrivals[change] ?? [];
    if (times.length !== clients) throw new Error(`${change} reached ${times.length} of ${clients} clients`);
    for (const time of times) delays.push(time - at);
  }
  return {
    name: 'commit to row on the live queue',
    clients,
    changesPerSecond,
    deliveries: delays.length,
    p50: percentile(delays, 0.5),
    p99: percentile(delays, 0.99),
    aim: 100,
  };
}

/** A change as every command makes it; it is committed when the statement has come back. */
async function changeOne(stage: Stage, number: string, agentId: string) {
  const changed = await changeCase(stage.deps.db, {
    where: [eq(cases.number, number)],
    set: {},
    at: stage.deps.clock.now(),
    by: { kind: 'agent', agentId },
    events: [{ kind: 'note_added' }],
    message: { body: 'Rappelé, pas de réponse.', internal: true },
  });
  if (!changed) throw new Error(`no case ${number}`);
  return changed;
}
