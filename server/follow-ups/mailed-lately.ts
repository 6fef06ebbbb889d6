import { and, eq, exists, gt, inArray, lte, ne, type SQL, sql } from 'drizzle-orm';
import { caseSearch, cases } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { followUps } from './follow-ups.table.ts';

/** Anybody can ask for help in another's name: about this many cases a day write to one address, and no more. */
const mostCases = 5;
const dayMs = 24 * 60 * 60_000;

/** Whether enough other cases, opened in the day up to this one, have mails to the same address. */
export async function isMailedEnough(
  db: Database,
  { caseId, email, openedAt }: { readonly caseId: number; readonly email: string; readonly openedAt: Date },
): Promise<boolean> {
  const mails = db
    .select({ one: sql`1` })
    .from(followUps)
    .where(and(eq(followUps.caseId, cases.id), inArray(followUps.state, ['planned', 'sending', 'sent'])));
  const others = await db
    .select({ id: cases.id })
    .from(cases)
    .where(
      and(
        isReachedAt(email),
        ne(cases.id, caseId),
        gt(cases.openedAt, new Date(openedAt.getTime() - dayMs)),
        lte(cases.openedAt, openedAt),
        exists(mails),
      ),
    )
    .limit(mostCases);
  return others.length === mostCases;
}

/** Holds for the cases of exactly this address, in whatever case it was typed; found by what cases are searched by. */
function isReachedAt(email: string): SQL {
  const address = sql`lower(${email}::text)`;
  const word = sql`('''' || regexp_replace(${address}, '([''\\\\])', '\\1\\1', 'g') || '''')::tsquery`;
  return sql`(${cases.id} in (select ${caseSearch.caseId} from ${caseSearch} where ${caseSearch.terms} @@ ${word})
    and lower(${cases.contactEmail}) = ${address})`;
}
