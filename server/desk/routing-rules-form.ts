/**
 * Purpose: the routing rules as rows of a form, and rows read back as rules.
 * Entry points: `rowsOf`, `readRows`, `readRules`, `fieldOfRule`.
 * May import: server/routing, server/problem.ts.
 */
import { createHash } from 'node:crypto';
import type { FieldProblem } from '../problem.ts';
import type { RoutingRule } from '../routing/configuration.ts';
import { dayAfter, dayBefore } from '../routing/describe-hours.ts';
import { modes, settings } from '../routing/practitioner-types.ts';
import { textField } from './form-fields.ts';

const fields = [
  'position',
  'setting',
  'mode',
  'profession',
  'hotline',
  'validFrom',
  'lastDay',
  'origin',
  'remove',
] as const;
type RuleField = (typeof fields)[number];

/** A rule as it was typed. */
export type RuleRow = Readonly<Record<RuleField, string>>;

/** More than any set of rules that people can follow. */
export const maxRules = 60;

/** A row to be filled in, after the others. */
export function blankRow(position: number): RuleRow {
  return { ...empty, position: String(position), origin: 'notice' };
}

const empty: RuleRow = {
  position: '',
  setting: '',
  mode: '',
  profession: '',
  hotline: '',
  validFrom: '',
  lastDay: '',
  origin: '',
  remove: '',
};

/** The rules as rows, ranked from 1. */
export function rowsOf(rules: readonly RoutingRule[]): readonly RuleRow[] {
  return rules.map((rule, index) => ({
    position: String(index + 1),
    setting: rule.setting ?? '',
    mode: rule.mode ?? '',
    profession: rule.profession ?? '',
    hotline: rule.hotline,
    validFrom: rule.validFrom ?? '',
    lastDay: rule.validTo === null ? '' : dayBefore(rule.validTo),
    origin: rule.origin,
    remove: '',
  }));
}

/** The rows of a sent form, as they were typed. */
export function readRows(body: unknown): readonly RuleRow[] {
  const count = Math.min(Number(/^\d{1,3}$/.exec(textField(body, 'rows'))?.[0] ?? 0), maxRules + 1);
  return Array.from({ length: count }, (_, row) => {
    const typed = fields.map((field) => [field, textField(body, `rule-${row}-${field}`)] as const);
    return { ...empty, ...Object.fromEntries(typed) };
  });
}

export interface ReadRules {
  readonly rules: readonly RoutingRule[];
  /** The row that each rule was on. */
  readonly rowOf: readonly number[];
  /** Paths are `/rules/<place among the rules>/<field>`, as for the API. */
  readonly errors: readonly FieldProblem[];
}

/** The rules that the rows say, by rank; rows left blank and those to be removed are none. */
export function readRules(rows: readonly RuleRow[]): ReadRules {
  const rank = ({ position }: RuleRow) => (/^\d{1,4}$/.test(position.trim()) ? Number(position) : maxRules);
  const used = rows
    .map((row, index) => ({ row, index }))
    .filter(({ row }) => row.remove === '' && !isBlank(row))
    .sort((one, other) => rank(one.row) - rank(other.row));
  const errors = used.flatMap(({ row }, at): readonly FieldProblem[] => [
    ...(known(row.setting, settings) && known(row.mode, modes) ? [] : [enumFault(at, 'setting')]),
    ...(known(row.origin, ['notice', 'default']) && row.origin !== '' ? [] : [enumFault(at, 'origin')]),
  ]);
  return {
    errors,
    rowOf: used.map(({ index }) => index),
    rules: used.map(({ row }) => ({
      setting: settings.find((each) => each === row.setting) ?? null,
      mode: modes.find((each) => each === row.mode) ?? null,
      profession: row.profession.trim() || null,
      hotline: row.hotline,
      origin: row.origin === 'notice' ? 'notice' : 'default',
      validFrom: row.validFrom.trim() || null,
      validTo: row.lastDay.trim() === '' ? null : dayAfter(row.lastDay.trim()),
    })),
  };
}

/** What tells whether these are the rules whose effect was shown. */
export function digestOf(rules: readonly RoutingRule[]): string {
  return createHash('sha256').update(JSON.stringify(rules)).digest('base64url').slice(0, 22);
}

/** The field of the form that a path into `{ rules }` is about, and its row. */
export function fieldOfRule(
  path: string,
  { rowOf }: ReadRules,
): { readonly row: number; readonly field: string } | undefined {
  const [, list, at, name = ''] = path.split('/');
  const row = rowOf[Number(at)];
  if (list !== 'rules' || row === undefined) return undefined;
  return { row, field: name === 'validTo' ? 'lastDay' : name };
}

function isBlank({ setting, mode, profession, hotline }: RuleRow): boolean {
  return [setting, mode, profession, hotline].every((each) => each.trim() === '');
}

function known(value: string, values: readonly string[]): boolean {
  return value === '' || values.includes(value);
}

function enumFault(at: number, field: RuleField): FieldProblem {
  return { path: `/rules/${at}/${field}`, key: 'problems.fields.enum' };
}
