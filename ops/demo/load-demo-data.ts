/**
 * Purpose: what a newcomer finds in the desk: agents, and cases that went the same way as real ones.
 * Entry points: `loadDemoData`; demo-agents.ts and demo-cases.ts say what there is.
 * May import: the commands of server/agents, server/callbacks, server/cases and server/wizard.
 */
import { eq } from 'drizzle-orm';
import { createAgent } from '#server/agents/create-agent.ts';
import { setPresence } from '#server/agents/presence.ts';
import { bookCallback } from '#server/callbacks/book-callback.ts';
import { offerCallbacks } from '#server/callbacks/offer-callbacks.ts';
import { addNote } from '#server/cases/add-note.ts';
import type { CaseAgent } from '#server/cases/agent-command.ts';
import { askForHelp } from '#server/cases/ask-for-help.ts';
import type { CaseRecord } from '#server/cases/change-case.ts';
import { claimCase } from '#server/cases/claim-case.ts';
import { resolveCase } from '#server/cases/resolve-case.ts';
import { sendMessage } from '#server/cases/send-message.ts';
import { setPriority } from '#server/cases/set-priority.ts';
import { agents, cases } from '#server/database/schema.ts';
import type { Dependencies } from '#server/dependencies.ts';
import { answerSession, startSession } from '#server/wizard/sessions.ts';
import { type DemoAgent, type DemoAgentEmail, demoAgents, demoPassword } from './demo-agents.ts';
import { type DemoCase, type DemoStep, demoCases } from './demo-cases.ts';

type Needs = Pick<Dependencies, 'db' | 'texts' | 'routing' | 'incidents' | 'clock' | 'config'>;

/**
 * Fills a database that has no agents but ours; cut short, the next call goes on where it stopped.
 * @returns whether the demo data is there: false when the database has agents of its own, which is left as it is.
 */
export async function loadDemoData(deps: Needs): Promise<boolean> {
  const now = deps.clock.now();
  const known = new Set(
    (await deps.db.select({ email: agents.email }).from(agents)).map(({ email }) => email),
  );
  if (demoAgents.every(({ email }) => known.has(email))) return true;
  const ours = new Set<string>(demoAgents.map(({ email }) => email));
  if ([...known].some((email) => !ours.has(email))) return false;

  const [supervisor, ...others] = demoAgents.toReversed();
  for (const agent of others) await createDemoAgent(deps, agent, now);
  for (const each of demoCases) await openDemoCase(deps, each, now);
  // Made last: its account says that everything is there.
  if (supervisor) await createDemoAgent(deps, supervisor, now);
  return true;
}

async function createDemoAgent({ db }: Needs, agent: DemoAgent, now: Date): Promise<void> {
  const { email, name, role, hotlines } = agent;
  const id = await createAgent(db, { email, name, role, hotlines, password: demoPassword }, now);
  // At their place from the start: cases can be claimed as soon as somebody signs in.
  if (id) await setPresence(db, id, 'available', now);
}

async function openDemoCase(deps: Needs, demo: DemoCase, now: Date): Promise<void> {
  const { db } = deps;
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
  if ((await db.$count(cases, eq(cases.contactName, demo.asked.contact.name))) > 0) return;

  const at = ago(demo.minutesAgo);
  const { session } = await startSession(db, demo.language, at);
  for (const given of demo.answers) {
    const [node = '', answer = ''] = given.split('/');
    await answerSession(db, session.id, { node, answer }, at);
  }
  const help = await askForHelp({ ...deps, clock: { now: () => at } }, session.id, demo.asked);
  for (const step of demo.steps) await takeStep(deps, help.case.number, step, ago(step.minutesAgo));
  if (demo.callback) await book(deps, help.case, demo.callback, now);
}

async function book(
  { db, routing, config }: Needs,
  { trackingToken: token, hotlineId }: Pick<CaseRecord, 'trackingToken' | 'hotlineId'>,
  { minutesAgo, inMinutes, phone }: NonNullable<DemoCase['callback']>,
  now: Date,
): Promise<void> {
  const at = new Date(now.getTime() - minutesAgo * 60_000);
  const from = now.getTime() + inMinutes * 60_000;
  const rules = { configuration: await routing.current(), terms: config.callbacks };
  const { slots } = await offerCallbacks(db, hotlineId, rules, at);
  const slot = slots.find(({ startsAt }) => startsAt.getTime() >= from);
  if (slot) await bookCallback(db, { token, startsAt: slot.startsAt, phone }, rules, at);
}

async function takeStep({ db }: Needs, number: string, step: DemoStep, at: Date): Promise<void> {
  const given = { agent: await findDemoAgent(db, step.by), number };
  switch (step.do) {
    case 'claim':
      await claimCase(db, given, at);
      break;
    case 'note':
      await addNote(db, { ...given, body: step.body }, at);
      break;
    case 'ask':
      await sendMessage(db, { ...given, body: step.body, awaitReply: true }, at);
      break;
    case 'prioritise':
      await setPriority(db, { ...given, priority: step.priority }, at);
      break;
    case 'resolve':
      await resolveCase(db, given, at);
      break;
  }
}

async function findDemoAgent(db: Needs['db'], email: DemoAgentEmail): Promise<CaseAgent> {
  const [agent] = await db.select({ id: agents.id }).from(agents).where(eq(agents.email, email));
  const demo = demoAgents.find((each) => each.email === email);
  if (!agent || !demo) throw new Error(`the demo account ${email} is not there`);
  return { id: agent.id, role: demo.role, hotlines: demo.hotlines };
}
