import type { Language, Texts } from '../../texts.ts';
import type { DoseRuleKind } from './dose-rules/rule.ts';
import type { Finding } from './dose-rules.ts';
import type { Gs1Reading } from './gs1.ts';
import type { VaccineList } from './vaccines.ts';

/** In what the numbers of a kind are measured; those of other kinds are written as they are. */
const units: Readonly<Partial<Record<DoseRuleKind, 'day' | 'month' | 'year'>>> = {
  minimum_interval: 'day',
  maximum_interval: 'day',
  booster_interval: 'month',
  minimum_age: 'year',
};

/** A finding in words: its days written out, its vaccines named, its numbers in the singular or the plural. */
export function sayFinding(
  texts: Texts,
  language: Language,
  list: VaccineList,
  { kind, parameters }: Pick<Finding, 'kind' | 'parameters'>,
): string {
  const unit = units[kind];
  // Intl writes « 1 mai » where French says « 1er mai ».
  const first = texts.say(language, 'routing.moments.first_of_month');
  const said = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      if (typeof value === 'number') return [name, unit ? sayLength(language, value, unit) : value];
      const vaccine = list.vaccines.find((each) => each.vaccine === value);
      return [name, vaccine?.name ?? sayDay(language, value).replace(/^1(?= )/, first)];
    }),
  );
  const { days, doses, count } = parameters;
  const counted = [count, doses, days].find((each) => typeof each === 'number');
  return texts.say(language, `records-rules.findings.${kind}`, { ...said, count: counted });
}

function sayLength(language: Language, value: number, unit: 'day' | 'month' | 'year'): string {
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB';
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

/** Why a scan could not be read, and what to do; undefined when it could. */
export function sayGs1Fault(texts: Texts, language: Language, reading: Gs1Reading): string | undefined {
  if (reading.ok) return undefined;
  return texts.say(language, `records-rules.gs1.${reading.fault}`, { identifier: reading.identifier ?? '' });
}

/** What was undone or is doubtful in a scan that could be read. */
export function sayGs1Doubts(texts: Texts, language: Language, reading: Gs1Reading): readonly string[] {
  if (!reading.ok) return [];
  return [
    ...(reading.accidents.includes('azerty') ? [texts.say(language, 'records-rules.scan.azerty')] : []),
    ...(reading.separatorDoubtful ? [texts.say(language, 'records-rules.scan.separator')] : []),
  ];
}

/** A day (YYYY-MM-DD) written out; what is none as it is. */
export function sayDay(language: Language, day: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return day;
  return new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    timeZone: 'UTC',
    dateStyle: 'long',
  }).format(new Date(`${day}T00:00:00Z`));
}
