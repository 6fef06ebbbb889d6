import { expect, test } from 'vitest';
import { theNotice } from '../routing/builders.ts';
import { modes, settings } from '../routing/practitioner-types.ts';
import { routeCase } from '../routing/route-case.ts';
import type { Facts } from '../wizard/flow.ts';
import { listPaths } from '../wizard/paths.ts';
import { currentFlow } from '../wizard/registry.ts';
import { withFacts } from './ask-for-help.ts';

const at = new Date('2026-11-23T10:00:00+01:00');
const configuration = theNotice();

/** What the escalating paths teach, each combination once. */
function escalationFacts(): readonly Facts[] {
  const distinct = new Map<string, Facts>();
  for (const { facts, outcome } of listPaths(currentFlow)) {
    const { setting, mode, profession } = facts;
    if (outcome === 'escalate') distinct.set(`${setting}/${mode}/${profession}`, facts);
  }
  return [...distinct.values()];
}

test('whoever the wizard passes on has a line, without one more question', () => {
  const combinations = escalationFacts();
  expect(combinations.length).toBeGreaterThan(50);
  const stranded = combinations.filter(
    (facts) => routeCase(withFacts({}, facts), at, configuration).hotline === null,
  );
  expect(stranded).toEqual([]);
});

test('the wizard’s escalations cover every place, and every way to practise where it decides', () => {
  const facts = escalationFacts();
  expect(new Set(facts.map(({ setting }) => setting))).toEqual(new Set(settings));
  for (const setting of ['practice', 'other']) {
    const practised = facts.filter((each) => each.setting === setting).map(({ mode }) => mode);
    expect(new Set(practised)).toEqual(new Set(modes));
  }
});
