import type { Dependencies } from '../../dependencies.ts';
import type { Language } from '../../texts.ts';
import { logAccess } from '../access-log/log-access.ts';
import { eventCard } from '../adverse-events/adverse-event-page.ts';
import { type AdverseEvent, listAdverseEvents } from '../adverse-events/find-adverse-events.ts';
import type { Entry } from './act-entry.ts';
import { actCard, sayMoment } from './acts-page.ts';
import { type Act, listActs } from './find-act.ts';
import { zoneOfFiness } from './place-zone.ts';

/** An act in one line: what, when unless that is its title, and whether it still awaits a validation. */
export interface OverviewLine {
  readonly title: string;
  readonly href: string;
  readonly when?: string;
  readonly waiting: boolean;
}

/** Where a patient stands, at the top of their file: the newest first, and nothing that was set aside. */
export interface FileOverview {
  readonly injections: readonly OverviewLine[];
  /** The last one: what it decided is what holds. */
  readonly consultations: readonly OverviewLine[];
  readonly events: readonly OverviewLine[];
}

/** Reads and logs it. @throws Problem 503 `access-not-logged`. */
export async function fileOverview(
  {
    db,
    clock,
    texts,
    recordRules,
    config,
  }: Pick<Dependencies, 'db' | 'clock' | 'texts' | 'recordRules' | 'config'>,
  asked: { readonly patientId: string; readonly entry: Entry; readonly language: Language },
): Promise<FileOverview> {
  const { patientId, entry, language } = asked;
  const vaccines = await recordRules.current();
  const wording = { texts, language, vaccines, terminologies: config.terminologies };
  const read = await db.transaction(async (tx) => {
    const found = { ...(await listActs(tx, patientId)), events: await listAdverseEvents(tx, patientId) };
    await logAccess(tx, { ...entry, patientId, action: 'acts.list' }, clock.now());
    return found;
  });
  const acts = (all: readonly Act[]) =>
    newestFirst(all).map((act) => ({
      ...lineOf(actCard(wording, patientId, act)),
      when: sayMoment(language, act.occurredAt, zoneOfFiness(act.placeFiness)),
    }));
  return {
    injections: acts(read.injections),
    consultations: acts(read.consultations).slice(0, 1),
    events: newestFirst(read.events).map((event) => lineOf(eventCard(wording, patientId, event))),
  };
}

function lineOf({ title, href, waiting }: OverviewLine): OverviewLine {
  return { title, href, waiting };
}

function newestFirst<Each extends Act | AdverseEvent>(all: readonly Each[]): readonly Each[] {
  return all
    .filter(({ state }) => state === 'recorded')
    .sort((a, b) => b.occurredAt.getTime() - a.occurredAt.getTime());
}
