import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { AgentIdentity } from '../agents/agent-sessions.ts';
import type { CallbackRules } from '../callbacks/offer-callbacks.ts';
import { recordCall } from '../callbacks/record-call.ts';
import { addNote } from '../cases/add-note.ts';
import { assignCase } from '../cases/assign-case.ts';
import { priorities } from '../cases/cases.table.ts';
import { claimCase } from '../cases/claim-case.ts';
import { mergeCases } from '../cases/merge-cases.ts';
import { releaseCase } from '../cases/release-case.ts';
import { reopenCase } from '../cases/reopen-case.ts';
import { resolveCase } from '../cases/resolve-case.ts';
import { sendMessage } from '../cases/send-message.ts';
import { setPriority } from '../cases/set-priority.ts';
import { transferCase } from '../cases/transfer-case.ts';
import type { Database } from '../database/client.ts';
import { type FieldProblem, Problem } from '../problem.ts';
import type { FlashCode } from './desk-pages.ts';
import { textField } from './form-fields.ts';

/** What somebody typed in the forms of a case, by the name of the field. */
export type Typed = Readonly<Record<string, string>>;

interface Given {
  readonly agent: AgentIdentity;
  readonly number: string;
  readonly version: number | undefined;
  readonly typed: Typed;
}

export interface CaseAction {
  /** Its fields in the form, kept when the form is refused. */
  readonly fields: readonly string[];
  /**
   * Gives the command(s), all or none.
   * @throws Problem with the form's fields in `errors`, or whatever the command throws.
   */
  readonly run: (db: Database, given: Given, now: Date, rules: CallbackRules) => Promise<unknown>;
  readonly flash: FlashCode;
  /** Where the agent goes then: they go on with the case, or are done with it. */
  readonly leadsTo: 'case' | 'queue';
}

/** What the forms of a case's page do: the last part of the address each one is sent to, and the command it gives. */
export const caseActions: Readonly<Record<string, CaseAction>> = {
  prendre: { fields: [], run: takeCase, flash: 'claimed', leadsTo: 'case' },
  relacher: { fields: [], run: releaseCase, flash: 'released', leadsTo: 'queue' },
  rouvrir: { fields: [], run: reopenCase, flash: 'reopened', leadsTo: 'case' },
  noter: {
    fields: ['note'],
    // Nothing is overwritten by a note or a message: no version is asked for.
    run: (db, { typed, ...given }, now) =>
      at('note', addNote(db, { ...given, version: undefined, body: required(typed, 'note') }, now)),
    flash: 'noted',
    leadsTo: 'case',
  },
  ecrire: {
    fields: ['message', 'wait'],
    run: (db, { typed, ...given }, now) =>
      at(
        'message',
        sendMessage(
          db,
          {
            ...given,
            version: undefined,
            body: required(typed, 'message'),
            awaitReply: typed.wait === 'yes',
          },
          now,
        ),
      ),
    flash: 'messaged',
    leadsTo: 'case',
  },
  'rappel-joint': {
    fields: [],
    run: (db, { typed: _, ...given }, now, rules) =>
      recordCall(db, { ...given, version: undefined, outcome: 'reached' }, rules, now),
    flash: 'called',
    leadsTo: 'case',
  },
  'rappel-manque': {
    fields: ['again', 'callback-message'],
    run: (db, { typed, ...given }, now, rules) => {
      const again = typed.again ? new Date(typed.again) : undefined;
      if (again && Number.isNaN(again.getTime())) throw fieldProblem('again', 'problems.fields.enum');
      const message = optional(typed, 'callback-message') || undefined;
      const call = { ...given, version: undefined, outcome: 'missed', again, message } as const;
      return at('callback-message', recordCall(db, call, rules, now));
    },
    flash: 'calledInVain',
    leadsTo: 'case',
  },
  resoudre: {
    fields: ['resolution'],
    run: (db, { typed, ...given }, now) =>
      db.transaction(async (tx) => {
        const body = optional(typed, 'resolution');
        await resolveCase(tx, given, now);
        if (body) await at('resolution', addNote(tx, { ...given, version: undefined, body }, now));
      }),
    flash: 'resolved',
    leadsTo: 'queue',
  },
  transferer: {
    fields: ['line', 'transfer-note'],
    run: (db, { typed, ...given }, now) =>
      db.transaction(async (tx) => {
        const hotline = chosen(typed, 'line', 'desk.errors.hotlineRequired');
        const body = optional(typed, 'transfer-note');
        // The word goes first: afterwards the case may be out of this agent's reach.
        const noted = body ? await at('transfer-note', addNote(tx, { ...given, body }, now)) : undefined;
        await transferCase(tx, { ...given, version: noted?.version ?? given.version, hotline }, now);
      }),
    flash: 'transferred',
    leadsTo: 'queue',
  },
  confier: {
    fields: ['colleague'],
    run: (db, { typed, ...given }, now) => assignCase(db, { ...given, to: colleague(typed) }, now),
    flash: 'assigned',
    leadsTo: 'queue',
  },
  priorite: {
    fields: ['priority'],
    run: async (db, { typed, ...given }, now) => {
      const priority = priorities.find((each) => each === typed.priority);
      if (!priority) throw fieldProblem('priority', 'problems.fields.enum');
      return setPriority(db, { ...given, priority }, now);
    },
    flash: 'priority',
    leadsTo: 'case',
  },
  reunir: {
    fields: ['into'],
    run: (db, { typed, ...given }, now) => mergeCases(db, { ...given, into: caseNumber(typed) }, now),
    flash: 'merged',
    leadsTo: 'queue',
  },
};

/**
 * Claims a case for an agent who may have clicked twice: what is already theirs is theirs. Who gets a case does not
 * depend on the version that was seen of it.
 * @throws Problem as `claimCase`.
 */
export async function takeCase(
  db: Database,
  { agent, number }: Pick<Given, 'agent' | 'number'>,
  now: Date,
): Promise<unknown> {
  try {
    return await claimCase(db, { agent, number }, now);
  } catch (error) {
    const owner = error instanceof Problem && error.code === 'already-claimed' && error.extensions.owner;
    if (Value.Check(Owner, owner) && owner.id === agent.id) return undefined;
    throw error;
  }
}

const Owner = Type.Object({ id: Type.String() });

/** The names that commands give to what forms call otherwise. */
const formFields: Readonly<Record<string, string>> = { hotline: 'line', agent: 'colleague' };

/** A command whose words were typed in that field: what it says of them is about the field. */
async function at<Result>(field: string, command: Promise<Result>): Promise<Result> {
  try {
    return await command;
  } catch (error) {
    if (!(error instanceof Problem) || !error.errors.some(({ path }) => path === '/body')) throw error;
    const errors = error.errors.map((each) =>
      each.path === '/body' ? { ...each, path: `/${field}` } : each,
    );
    throw new Problem(error.statusCode, error.code, { errors, cause: error });
  }
}

/** The field of the form that a problem's path speaks of. */
export function formField(path: string): string {
  const name = path.split('/').at(-1) ?? '';
  return formFields[name] ?? name;
}

/** What was typed in these fields. */
export function readTyped(fields: readonly string[], body: unknown): Typed {
  return Object.fromEntries(fields.map((field) => [field, textField(body, field)]));
}

/** As long as a note or a message may be, in characters: as for the API. */
export const maxTextLength = 10_000;

function required(typed: Typed, field: string): string {
  const text = optional(typed, field);
  if (text === '') throw fieldProblem(field, 'desk.errors.bodyRequired');
  return text;
}

function optional(typed: Typed, field: string): string {
  const text = (typed[field] ?? '').trim();
  if (text.length > maxTextLength) throw fieldProblem(field, 'desk.errors.tooLong', { limit: maxTextLength });
  return text;
}

function chosen(typed: Typed, field: string, missing: string): string {
  const value = (typed[field] ?? '').trim();
  if (value === '') throw fieldProblem(field, missing);
  return value;
}

/** The number as people type it: `vc-100001`, or its digits alone. */
function caseNumber(typed: Typed): string {
  const value = chosen(typed, 'into', 'desk.errors.targetRequired').toUpperCase().replace(/\s/g, '');
  return /^\d+$/.test(value) ? `VC-${value}` : value;
}

function colleague(typed: Typed): string {
  const id = chosen(typed, 'colleague', 'desk.errors.colleagueRequired');
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) {
    throw fieldProblem('colleague', 'problems.fields.enum');
  }
  return id;
}

function fieldProblem(field: string, key: string, parameters?: FieldProblem['parameters']): Problem {
  const error = { path: `/${field}`, key, ...(parameters && { parameters }) };
  return new Problem(422, 'invalid', { errors: [error] });
}
