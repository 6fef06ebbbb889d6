import { eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import type { HotlineDocument } from './hotline-document.ts';
import {
  exceptionIntervals,
  hotlineExceptions,
  hotlineTimetables,
  timetableIntervals,
} from './hotlines.table.ts';

/** The columns of a line that a document tells. */
export function columnsOf({ name, cost, ...document }: HotlineDocument) {
  const { phone, phoneE164, zone, holidayCalendar, validFrom, validTo } = document;
  return {
    nameFr: name.fr,
    nameEn: name.en,
    phone,
    phoneE164,
    costFr: cost.fr,
    costEn: cost.en,
    zone,
    holidayCalendar,
    validFrom,
    validTo,
  };
}

/** Puts the timetables and exceptions of a document in the place of those that the line has. */
export async function writeHours(
  tx: Database,
  hotlineId: string,
  { timetables, exceptions }: HotlineDocument,
): Promise<void> {
  await tx.delete(hotlineTimetables).where(eq(hotlineTimetables.hotlineId, hotlineId));
  await tx.delete(hotlineExceptions).where(eq(hotlineExceptions.hotlineId, hotlineId));
  for (const { weekly, holidays, validFrom, validTo } of timetables) {
    const [row] = await tx
      .insert(hotlineTimetables)
      .values({ hotlineId, holidays, validFrom, validTo })
      .returning({ timetableId: hotlineTimetables.id });
    if (!row || weekly.length === 0) continue;
    await tx
      .insert(timetableIntervals)
      .values(weekly.map(({ weekday, opensAt, closesAt }) => ({ ...row, weekday, opensAt, closesAt })));
  }
  for (const { day, note, intervals } of exceptions) {
    const [row] = await tx
      .insert(hotlineExceptions)
      .values({ hotlineId, day, noteFr: note.fr, noteEn: note.en })
      .returning({ exceptionId: hotlineExceptions.id });
    if (!row || intervals.length === 0) continue;
    await tx
      .insert(exceptionIntervals)
      .values(intervals.map(({ opensAt, closesAt }) => ({ ...row, opensAt, closesAt })));
  }
}
