import { desc } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import type { RoutedCase } from '../routing/decision-holes.ts';
import { cases } from './cases.table.ts';

/** What routing looks at of the cases opened last, the newest first. */
export async function recentPractitioners(db: Database, limit: number): Promise<readonly RoutedCase[]> {
  const { number, profession, setting, mode } = cases;
  return db.select({ number, profession, setting, mode }).from(cases).orderBy(desc(cases.id)).limit(limit);
}
