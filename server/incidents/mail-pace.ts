import { eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { incidentMailPace } from './incidents.table.ts';

/** How many mails may leave at once, as of an instant. */
export interface Allowance {
  readonly allowance: number;
  readonly at: Date;
}

/** At most this much of a minute's mails leave at once. */
const burstMs = 5_000;

/**
 * Takes mails out of an allowance that fills steadily: over any length of time no more leave than the pace gives, plus
 * one burst of five seconds' worth. A clock that is late fills nothing.
 * @param perMinute above 0.
 */
export function takeFrom(
  { allowance, at }: Allowance,
  asked: { readonly wanted: number; readonly perMinute: number; readonly now: Date },
): { readonly granted: number; readonly left: Allowance } {
  const { wanted, perMinute, now } = asked;
  const most = Math.max(1, (perMinute * burstMs) / 60_000);
  const passed = Math.max(0, now.getTime() - at.getTime());
  const full = Math.min(most, allowance + (passed * perMinute) / 60_000);
  // Added up in small steps, a whole mail may come out as 0.9999999.
  const granted = Math.max(0, Math.min(wanted, Math.floor(full + 1e-6)));
  return { granted, left: { allowance: Math.max(0, full - granted), at: passed > 0 ? now : at } };
}

/** The same on the allowance that all workers share: its row's lock puts them one after the other. */
export async function takeMails(
  db: Database,
  asked: { readonly wanted: number; readonly perMinute: number; readonly now: Date },
): Promise<number> {
  return db.transaction(async (tx) => {
    const [row] = await tx.select().from(incidentMailPace).where(eq(incidentMailPace.id, 1)).for('update');
    if (!row) throw new Error('the pace of mails is not there');
    const { granted, left } = takeFrom(row, asked);
    await tx.update(incidentMailPace).set(left).where(eq(incidentMailPace.id, 1));
    return granted;
  });
}
