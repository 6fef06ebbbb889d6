import { parisDay } from '../../paris-day.ts';
import type { Person } from '../acts/act-entry.ts';
import { findVaccine, type VaccineList } from '../rules/vaccines.ts';
import type { AdverseEvent } from './find-adverse-events.ts';

/** Whom the event happened to, as much as a pharmacovigilance centre asks for. */
export interface DeclaredPatient {
  readonly birthFamilyName: string;
  readonly birthGivenNames: string;
  readonly birthDate: string;
  readonly sex: 'female' | 'male' | 'unknown';
}

/** The declaration of an adverse event, made to be read by programs. Instants are ISO 8601, days YYYY-MM-DD. */
export interface DeclarationDocument {
  readonly format: 'aiguillage-adverse-event-1';
  readonly id: string;
  readonly version: number;
  readonly state: 'draft' | 'sent' | 'acknowledged';
  readonly sentAt: string | null;
  readonly sentBy: string | null;
  readonly acknowledgedAt: string | null;
  readonly acknowledgement: string | null;
  /** Where it goes; null while nobody configured an address. */
  readonly centre: string | null;
  /** First three letters of the family name, first of the given name: centres ask for no more. */
  readonly patient: {
    readonly familyName: string;
    readonly givenName: string;
    readonly birthDate: string;
    readonly sex: 'female' | 'male' | 'unknown';
  };
  readonly vaccine: {
    readonly key: string;
    readonly name: string;
    readonly maker: string | null;
    readonly emaNumber: string | null;
    readonly atc: string | null;
    readonly lot: string;
    readonly lotExpiry: string | null;
    readonly lotSuspected: boolean;
    readonly givenAt: string;
    readonly rank: string;
    readonly arm: 'left' | 'right' | null;
    readonly site: string | null;
    readonly route: string;
    readonly place: string | null;
    readonly finess: string | null;
  };
  readonly event: Pick<
    AdverseEvent,
    | 'description'
    | 'terms'
    | 'serious'
    | 'criteria'
    | 'hospitalisedFrom'
    | 'hospitalisedTo'
    | 'diedOn'
    | 'outcome'
    | 'endedOn'
    | 'pregnancy'
    | 'pregnancyWeeks'
  > & {
    readonly onset: string;
    /** Whole days of Europe/Paris between the dose and the onset. */
    readonly daysAfterDose: number;
  };
  readonly declaredBy: { readonly name: string; readonly nationalIdentifier: string };
  readonly enteredBy: { readonly name: string; readonly nationalIdentifier: string };
}

/** The declaration as it stands. @param centre address of the pharmacovigilance centre, by configuration. */
export function declarationDocument(
  event: AdverseEvent,
  patient: DeclaredPatient,
  vaccines: VaccineList,
  centre: string | undefined,
): DeclarationDocument {
  const { injection } = event;
  const vaccine = findVaccine(vaccines, injection.vaccine, parisDay(injection.occurredAt));
  return {
    format: 'aiguillage-adverse-event-1',
    id: event.id,
    version: event.version,
    state: event.declaration,
    sentAt: event.declaredAt?.toISOString() ?? null,
    sentBy: event.declaredBy && nameOf(event.declaredBy),
    acknowledgedAt: event.acknowledgedAt?.toISOString() ?? null,
    acknowledgement: event.acknowledgement,
    centre: centre ?? null,
    patient: {
      familyName: [...patient.birthFamilyName].slice(0, 3).join(''),
      givenName: [...patient.birthGivenNames][0] ?? '',
      birthDate: patient.birthDate,
      sex: patient.sex,
    },
    vaccine: {
      key: injection.vaccine,
      name: vaccine?.name ?? injection.vaccine,
      maker: vaccine?.maker ?? null,
      emaNumber: vaccine?.emaNumber ?? null,
      atc: vaccine?.atc ?? null,
      lot: injection.lot,
      lotExpiry: injection.lotExpiry,
      lotSuspected: event.lotSuspected,
      givenAt: injection.occurredAt.toISOString(),
      rank: `${injection.doseRank}/${injection.doseTotal}`,
      arm: injection.arm,
      site: injection.site,
      route: injection.route,
      place: injection.placeName,
      finess: injection.placeFiness,
    },
    event: {
      onset: event.occurredAt.toISOString(),
      daysAfterDose: daysBetween(parisDay(injection.occurredAt), parisDay(event.occurredAt)),
      description: event.description,
      terms: event.terms,
      serious: event.serious,
      criteria: event.criteria,
      hospitalisedFrom: event.hospitalisedFrom,
      hospitalisedTo: event.hospitalisedTo,
      diedOn: event.diedOn,
      outcome: event.outcome,
      endedOn: event.endedOn,
      pregnancy: event.pregnancy,
      pregnancyWeeks: event.pregnancyWeeks,
    },
    declaredBy: identified(event.performedBy),
    enteredBy: identified(event.enteredBy),
  };
}

function nameOf({ givenNames, familyName }: Person): string {
  return `${givenNames} ${familyName}`;
}

function identified(person: Person) {
  return { name: nameOf(person), nationalIdentifier: person.nationalIdentifier };
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}
