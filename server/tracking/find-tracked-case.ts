import { and, desc, eq, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { caseMessages, cases } from '../cases/cases.table.ts';
import type { CaseRecord } from '../cases/change-case.ts';
import { mostRead } from '../cases/find-case.ts';
import { touchedByAgent } from '../cases/return-case.ts';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';

/** What a practitioner may see of their case. */
export interface TrackedCase {
  readonly record: CaseRecord;
  /** The case in which this one is followed, when it was merged; its secret link only when it is the same person's. */
  readonly followedIn: { readonly number: string; readonly trackingToken: string | null } | null;
  /** An agent did something about it: "still stuck" then brings it to the front. */
  readonly touched: boolean;
  /** Words between practitioner and desk, the last of them, the oldest first; never a note between agents, nor an agent's name. */
  readonly messages: readonly {
    readonly author: 'practitioner' | 'agent' | 'system';
    readonly body: string;
    readonly at: Date;
  }[];
}

/** The case of that secret link. */
export async function findTrackedCase(db: Database, token: string): Promise<TrackedCase | undefined> {
  const other = alias(cases, 'other');
  // A hospital's staff may share a telephone number: it tells nothing of who they are without their name.
  const samePerson = sql`(lower(${other.contactEmail}) = lower(${cases.contactEmail})
    or ${other.contactPhone} = ${cases.contactPhone} and lower(${other.contactName}) = lower(${cases.contactName}))`;
  const itsToken = sql<string | null>`case when ${samePerson} then ${other.trackingToken} end`;
  const [found] = await db
    .select({
      record: cases,
      touched: touchedByAgent,
      followedIn: { number: other.number, trackingToken: itsToken },
    })
    .from(cases)
    .leftJoin(other, eq(other.id, cases.mergedInto))
    .where(eq(cases.trackingToken, token));
  if (!found) return undefined;
  const messages = await db
    .select({ author: caseMessages.author, body: caseMessages.body, at: caseMessages.at })
    .from(caseMessages)
    .where(and(eq(caseMessages.caseId, found.record.id), eq(caseMessages.internal, false)))
    .orderBy(desc(caseMessages.id))
    .limit(mostRead);
  const { message, openedAt } = found.record;
  const first = message === null ? [] : [{ author: 'practitioner' as const, body: message, at: openedAt }];
  return { ...found, messages: [...first, ...messages.reverse()] };
}

/** The same. @throws Problem 404 `no-such-tracking` for an unknown link. */
export async function getTrackedCase(db: Database, token: string): Promise<TrackedCase> {
  const tracked = await findTrackedCase(db, token);
  if (!tracked) throw new Problem(404, 'no-such-tracking');
  return tracked;
}
