/**
 * Purpose: the live queue: each hotline's log of what happened, pushed to the agents who watch it, without a gap.
 * Entry points: messages.ts (what is said on the wire), log.ts, hub.ts, live.routes.ts; doorbell.ts says there is news.
 * May import: server/cases, server/agents, server/database, server/http (routes only).
 */
import { type Static, Type } from 'typebox';
import { presences } from '../agents/agents.table.ts';
import { CaseRowSchema, CountsSchema } from '../cases/case-row.ts';
import { caseEventKinds } from '../cases/cases.table.ts';

/** All a client ever says: where it stands, or nothing known. Anything else closes the connection (1008). */
export const ResumeSchema = Type.Object(
  {
    type: Type.Literal('resume'),
    after: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: '`seq` of the last message received',
      }),
    ),
  },
  { additionalProperties: false },
);

const Seq = Type.Integer({ description: 'Place in the hotline’s log: grows by one, without a gap' });
const Html = Type.Optional(
  Type.String({ description: 'The row as the desk’s page shows it, with `?html=1`' }),
);

/** Always the first message. Rows may be newer than `seq`: the events that follow say so again. */
const SnapshotSchema = Type.Object({
  type: Type.Literal('snapshot'),
  seq: Seq,
  rows: Type.Array(Type.Object({ ...CaseRowSchema.properties, html: Html })),
  counts: CountsSchema,
  truncated: Type.Optional(Type.Boolean({ description: 'More cases wait than there are rows' })),
});

/** Something happened to a case: `row` is the case as it is now, or it is `removed` from this hotline's queue. */
const EventSchema = Type.Object({
  type: Type.Literal('event'),
  seq: Seq,
  event: Type.Enum(caseEventKinds),
  number: Type.String(),
  version: Type.Integer({ description: 'The case’s version after this event' }),
  row: Type.Optional(CaseRowSchema),
  removed: Type.Optional(Type.Literal(true)),
  html: Html,
  counts: CountsSchema,
});

/** Who answers the hotline: after the snapshot, and whenever it changes. */
const PresenceSchema = Type.Object({
  type: Type.Literal('presence'),
  agents: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), presence: Type.Enum(presences) })),
});

/** What is out of order for everybody, and what rises: after the snapshot while there is any, and whenever it changes. */
const IncidentsSchema = Type.Object({
  type: Type.Literal('incidents'),
  incidents: Type.Array(
    Type.Object({
      id: Type.Integer(),
      title: Type.String(),
      cases: Type.Integer({ description: 'Linked cases' }),
      subscribers: Type.Integer({ description: 'People to tell when it is over' }),
    }),
  ),
  suggestions: Type.Array(
    Type.Object({
      id: Type.Integer(),
      fact: Type.Enum(['way', 'symptom']),
      value: Type.String(),
      since: Type.String({ format: 'date-time' }),
      count: Type.Integer(),
      usual: Type.Number(),
    }),
  ),
  html: Type.Optional(Type.String({ description: 'As the desk’s page shows it, with `?html=1`' })),
});

/** The connection is alive; needs no answer. */
const PingSchema = Type.Object({ type: Type.Literal('ping') });

export const ServerMessageSchema = Type.Union([
  SnapshotSchema,
  EventSchema,
  PresenceSchema,
  IncidentsSchema,
  PingSchema,
]);

export type SnapshotMessage = Static<typeof SnapshotSchema>;
export type EventMessage = Static<typeof EventSchema>;
export type PresenceMessage = Static<typeof PresenceSchema>;
export type IncidentsMessage = Static<typeof IncidentsSchema>;
export type PingMessage = Static<typeof PingSchema>;

/** Why the server closes a connection. */
export const closing = {
  /** The server stops: connect again, to another. */
  goingAway: 1001,
  /** Not ours, or not allowed any more: the session ended, or something was said that is no `resume`. */
  refused: 1008,
  failed: 1011,
  /** Too slow to read what is sent: connect again and resume. */
  tooSlow: 1013,
} as const;
