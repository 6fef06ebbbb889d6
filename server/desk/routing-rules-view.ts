/**
 * Purpose: the effect of routing rules in words: who would be routed elsewhere, and who nowhere.
 * Entry points: `effectOf`, `viewEffect`.
 * May import: server/cases, server/routing, server/desk's words.
 */
import { recentPractitioners } from '../cases/recent-practitioners.ts';
import type { Database } from '../database/client.ts';
import type { RoutingConfiguration } from '../routing/configuration.ts';
import { type Comparison, compareRules, decisionHoles, type Hole } from '../routing/decision-holes.ts';
import { holeInWords, instantInWords } from '../routing/describe-changes.ts';
import { shortLineName } from './case-view.ts';
import type { LineReader } from './hotlines-view.ts';

/** How many cases the editor compares. */
export const casesCompared = 1000;

export interface Effect {
  readonly cases: number;
  readonly comparisons: readonly Comparison[];
  readonly holes: readonly Hole[];
}

/** What other rules would change for the cases received last, and whom they would leave without a line. */
export async function effectOf(
  db: Database,
  before: RoutingConfiguration,
  after: RoutingConfiguration,
  now: Date,
): Promise<Effect> {
  const recent = await recentPractitioners(db, casesCompared);
  return {
    cases: recent.length,
    comparisons: compareRules(recent, before, after, now),
    holes: decisionHoles(after, now),
  };
}

export function viewEffect(reader: LineReader, { cases, comparisons, holes }: Effect) {
  const { texts, language, now } = reader;
  const line = (id: string | null) =>
    id === null ? texts.say(language, 'desk-rules.effect.asked') : shortLineName(reader, id);
  return {
    cases: texts.say(language, cases === 0 ? 'desk-rules.effect.cases.zero' : 'desk-rules.effect.cases', {
      count: cases,
    }),
    comparisons: comparisons.map(({ at, moved }) => ({
      at: at > now ? instantInWords(reader, at) : undefined,
      moved: moved.map(({ from, to, count, examples }) => ({
        count,
        examples,
        move: texts.say(language, 'desk-rules.effect.move', { from: line(from), to: line(to) }),
      })),
    })),
    holes: holes.map((hole) => holeInWords(reader, hole, now)),
  };
}
