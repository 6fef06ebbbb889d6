/**
 * Purpose: what is wrong with routing rules as a supervisor wants them, each fault with the field that it is about.
 * Entry points: `checkRules`, `refuseRules`.
 * May import: the pure parts of this folder, check-hotline.ts, server/problem.ts.
 */
import { type FieldProblem, Problem } from '../problem.ts';
import { checkPeriod, checkRulesCovered, overlap } from './check-hotline.ts';
import { findHotline, type RoutingConfiguration, type RoutingRule } from './configuration.ts';
import { decisionHoles } from './decision-holes.ts';

/** Every fault of the rules by themselves and with their lines; paths are JSON pointers into `{ rules }`. */
export function checkRules(configuration: RoutingConfiguration, now: Date): readonly FieldProblem[] {
  const { rules } = configuration;
  return rules.flatMap((rule, index) => {
    const path = `/rules/${index}`;
    const fault = (field: string, error: string) => [
      { path: `${path}/${field}`, key: `configuration.errors.${error}` },
    ];
    const line = findHotline(configuration, rule.hotline);
    const period = checkPeriod(rule, path);
    if (!line || period.length > 0) return [...(line ? [] : fault('hotline', 'line')), ...period];
    const { zone, inService } = line.schedule;
    const uncovered = checkRulesCovered(rule.hotline, { ...inService, zone }, [rule], now);
    if (uncovered.length > 0) return fault('hotline', 'lineNotInService');
    if (isDefault(rule) && rule.origin === 'notice') return fault('origin', 'defaultOfNotice');
    const earlier = rules.slice(0, index).filter((each) => overlap(each, rule));
    if (earlier.some(isDefault)) return fault('position', 'afterDefault');
    if (earlier.some((each) => sameCriteria(each, rule))) return fault('position', 'sameRule');
    return [];
  });
}

/**
 * Refuses rules that cannot be, or that leave somebody without a line at any instant from now on.
 * @throws Problem 422 `invalid` with every field at fault, or `routing-holes` with the combinations (`holes`).
 */
export function refuseRules(configuration: RoutingConfiguration, now: Date): void {
  const errors = checkRules(configuration, now);
  if (errors.length > 0) throw new Problem(422, 'invalid', { errors });
  const holes = decisionHoles(configuration, now);
  if (holes.length > 0) {
    throw new Problem(422, 'routing-holes', {
      parameters: { count: holes.length },
      extensions: {
        holes: holes.map(({ from, until, ...who }) => ({
          ...who,
          from: from.toISOString(),
          ...(until && { until: until.toISOString() }),
        })),
      },
    });
  }
}

function isDefault({ setting, mode, profession }: RoutingRule): boolean {
  return setting === null && mode === null && profession === null;
}

function sameCriteria(one: RoutingRule, other: RoutingRule): boolean {
  return one.setting === other.setting && one.mode === other.mode && one.profession === other.profession;
}
