import type { Language, Texts } from '../../texts.ts';
import type { PatientRecord } from './find-patient.ts';
import { patientName } from './find-patient-head.ts';
import { sayNoNirReason } from './no-nir-reason.ts';

/** A patient as pages name them. */
export function patientWords(texts: Texts, language: Language, record: PatientRecord) {
  const { usedFamilyName, usedGivenName } = record;
  const used = [usedFamilyName, usedGivenName].filter((each) => each !== null).join(' ');
  return {
    id: record.id,
    version: record.version,
    address: `/dossiers/${record.id}`,
    name: patientName(record),
    used: used || undefined,
    born: dayWords(language, record.birthDate),
    birthPlace: record.birthPlace ?? undefined,
    sex: texts.say(language, `records-patients.sexes.${record.sex}`),
    status: texts.say(language, `records-patients.statuses.${record.identityStatus}`),
    mergedInto: record.mergedInto === null ? undefined : `/dossiers/${record.mergedInto}`,
    noNirReason:
      record.noNirReason === null ? undefined : sayNoNirReason(texts, language, record.noNirReason),
  };
}

/** A day without time, as people write it. @param day YYYY-MM-DD. */
function dayWords(language: Language, day: string): string {
  return new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    dateStyle: 'long',
    timeZone: 'UTC',
  }).format(new Date(`${day}T00:00:00Z`));
}
