import type { Language, Texts } from '../../texts.ts';
import type { Finding } from './dose-rules.ts';
import type { Gs1Reading } from './gs1.ts';
import type { VaccineList } from './vaccines.ts';

/** A finding in words, its days written out and its vaccines named. */
export function sayFinding(
  texts: Texts,
  language: Language,
  list: VaccineList,
  finding: Pick<Finding, 'kind' | 'parameters'>,
): string {
  const parameters = Object.fromEntries(
    Object.entries(finding.parameters).map(([name, value]) => {
      if (typeof value !== 'string') return [name, value];
      const vaccine = list.vaccines.find((each) => each.vaccine === value);
      return [name, vaccine?.name ?? sayDay(language, value)];
    }),
  );
  return texts.say(language, `records-rules.findings.${finding.kind}`, parameters);
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
