import { desc, eq } from 'drizzle-orm';
import { type Static, Type } from 'typebox';
import { agents } from '../agents/agents.table.ts';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { modes, settings } from '../routing/practitioner-types.ts';
import type { Language } from '../texts.ts';
import { type CaseAgent, findForAgent } from './agent-command.ts';
import { CaseRowSchema, rowOf, toCaseRow } from './case-row.ts';
import { actorKinds, caseEventKinds, caseEvents, caseMessages, cases } from './cases.table.ts';

/** Of a case's events and of its messages, as many as are read: the last ones. */
export const mostRead = 200;

const Person = Type.Object({ id: Type.String(), name: Type.String() });
const Instant = Type.String({ format: 'date-time' });

export const CaseDetailSchema = Type.Object(
  {
    ...CaseRowSchema.properties,
    practitioner: Type.Object({
      name: Type.String(),
      email: Type.Optional(Type.String()),
      phone: Type.Optional(Type.String({ description: 'E.164' })),
      language: Type.String(),
      rpps: Type.Optional(Type.String()),
      rppsDoubtful: Type.Boolean({ description: 'The check digit of the RPPS number is wrong' }),
      profession: Type.Optional(Type.String()),
      mode: Type.Optional(Type.Enum(modes)),
      setting: Type.Optional(Type.Enum(settings)),
      finess: Type.Optional(Type.String()),
    }),
    message: Type.Optional(Type.String({ description: 'What the practitioner added when opening the case' })),
    followUps: Type.Boolean({ description: 'The practitioner agreed to mails' }),
    resolvedAt: Type.Optional(Instant),
    mergedInto: Type.Optional(
      Type.String({ description: 'Number of the case that this one was merged into' }),
    ),
    routingReason: Type.Object({ code: Type.String() }, { additionalProperties: true }),
    flow: Type.String(),
    flowVersion: Type.Integer(),
    trail: Type.Array(
      Type.Object({ node: Type.String(), answer: Type.String(), title: Type.String(), label: Type.String() }),
      { description: 'What was asked and answered, as it was displayed' },
    ),
    history: Type.Array(
      Type.Object({
        event: Type.Enum(caseEventKinds),
        at: Instant,
        version: Type.Integer(),
        hotline: Type.String(),
        actor: Type.Enum(actorKinds),
        agent: Type.Optional(Person),
        data: Type.Record(Type.String(), Type.Unknown()),
      }),
      { description: `The last ${mostRead}, the oldest first` },
    ),
    messages: Type.Array(
      Type.Object({
        at: Instant,
        author: Type.Enum(actorKinds),
        agent: Type.Optional(Person),
        internal: Type.Boolean({ description: 'A note that the practitioner does not see' }),
        body: Type.String(),
      }),
      { description: `The last ${mostRead}, the oldest first` },
    ),
  },
  { title: 'Case' },
);

/** A case with everything an agent needs to help: its trail, its history and what was said. */
export type CaseDetail = Static<typeof CaseDetailSchema>;

/**
 * The whole of a case, its texts in the language of who reads it.
 * @throws Problem 404 `case-not-found`, 403 `foreign-hotline`.
 */
export async function getCase(
  db: Database,
  given: { readonly agent: CaseAgent; readonly number: string },
  language: Language,
): Promise<CaseDetail> {
  const found = await findForAgent(db, given);
  if (found instanceof Problem) throw found;
  const { record, owner } = found;
  const [history, messages, mergedInto] = await Promise.all([
    historyOf(db, record.id),
    messagesOf(db, record.id),
    record.mergedInto === null ? undefined : numberOf(db, record.mergedInto),
  ]);
  return {
    ...toCaseRow(rowOf(record, owner?.name ?? null), language),
    practitioner: {
      name: record.contactName,
      language: record.language,
      rppsDoubtful: record.rppsDoubtful,
      ...present({
        email: record.contactEmail,
        phone: record.contactPhone,
        rpps: record.rpps,
        profession: record.profession,
        mode: record.mode,
        setting: record.setting,
        finess: record.finess,
      }),
    },
    ...present({ message: record.message, resolvedAt: record.resolvedAt?.toISOString(), mergedInto }),
    followUps: record.followUps,
    routingReason: record.routingReason,
    flow: record.flow,
    flowVersion: record.flowVersion,
    trail: record.trail.map(({ node, answer, title, label }) => ({
      node,
      answer,
      title: title[language],
      label: label[language],
    })),
    history,
    messages,
  };
}

async function historyOf(db: Database, caseId: number): Promise<CaseDetail['history']> {
  const events = await db
    .select({ event: caseEvents, agent: { id: agents.id, name: agents.name } })
    .from(caseEvents)
    .leftJoin(agents, eq(agents.id, caseEvents.agentId))
    .where(eq(caseEvents.caseId, caseId))
    .orderBy(desc(caseEvents.id))
    .limit(mostRead);
  return events.reverse().map(({ event, agent }) => ({
    event: event.kind,
    at: event.at.toISOString(),
    version: event.version,
    hotline: event.hotlineId,
    actor: event.actor,
    ...present({ agent }),
    data: event.data,
  }));
}

async function messagesOf(db: Database, caseId: number): Promise<CaseDetail['messages']> {
  const messages = await db
    .select({ message: caseMessages, agent: { id: agents.id, name: agents.name } })
    .from(caseMessages)
    .leftJoin(agents, eq(agents.id, caseMessages.agentId))
    .where(eq(caseMessages.caseId, caseId))
    .orderBy(desc(caseMessages.id))
    .limit(mostRead);
  return messages.reverse().map(({ message, agent }) => ({
    at: message.at.toISOString(),
    author: message.author,
    ...present({ agent }),
    internal: message.internal,
    body: message.body,
  }));
}

async function numberOf(db: Database, caseId: number): Promise<string | undefined> {
  const [found] = await db.select({ number: cases.number }).from(cases).where(eq(cases.id, caseId));
  return found?.number;
}

/** The fields that have a value: JSON leaves out what is not known. */
function present<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  // What is left has exactly the fields that were not null.
  return Object.fromEntries(entries) as { [Name in keyof Fields]?: NonNullable<Fields[Name]> };
}
