import type { Person } from '../records/acts/act-entry.ts';
import type { Injection } from '../records/acts/find-act.ts';
import type { AdverseEvent } from '../records/adverse-events/find-adverse-events.ts';
import type { PatientRecord } from '../records/patients/find-patient.ts';
import { findVaccine, type VaccineList } from '../records/rules/vaccines.ts';
import { armCodes, routeCodes, systems, targetDisease } from './systems.ts';

/** A resource as JSON: FHIR's own shapes, checked against two validators by the tests. */
export interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly meta: {
    readonly versionId: string;
    readonly lastUpdated: string;
    readonly tag?: readonly object[];
  };
  readonly [element: string]: unknown;
}

/** An injection, with the onsets of the adverse events that followed it and why it was set aside, if it was. */
export function toImmunization(
  injection: Injection,
  vaccines: VaccineList,
  more: { readonly onsets?: readonly Date[]; readonly inErrorBecause?: string | null } = {},
): Resource {
  const vaccine = findVaccine(vaccines, injection.vaccine, injection.day);
  const { placeName, placeFiness, arm, site, doseVolume } = injection;
  const route = routeCodes[injection.route as keyof typeof routeCodes];
  return {
    ...head('Immunization', injection),
    extension: [
      { url: systems.placeKind, valueCode: injection.placeKind },
      ...(injection.overrideReason
        ? [{ url: systems.overrideReason, valueString: injection.overrideReason }]
        : []),
      ...(injection.notADuplicate ? [{ url: systems.notADuplicate, valueBoolean: true }] : []),
    ],
    identifier: [{ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${injection.id}` }],
    status: injection.state === 'recorded' ? 'completed' : 'entered-in-error',
    ...(injection.state !== 'recorded' &&
      more.inErrorBecause && { statusReason: { text: more.inErrorBecause } }),
    vaccineCode: {
      coding: [
        { system: systems.vaccine, code: injection.vaccine },
        ...(vaccine
          ? [
              { system: systems.emaNumber, code: vaccine.emaNumber, display: vaccine.name },
              { system: systems.atc, code: vaccine.atc },
              { system: systems.snomed, code: vaccine.prophylaxis },
            ]
          : []),
      ],
      text: vaccine?.name ?? injection.vaccine,
    },
    patient: { reference: `Patient/${injection.patientId}` },
    occurrenceDateTime: injection.occurredAt.toISOString(),
    recorded: injection.createdAt.toISOString(),
    primarySource: true,
    ...((placeName !== null || placeFiness !== null) && {
      location: {
        ...(placeFiness !== null && { identifier: { system: systems.finess, value: placeFiness } }),
        ...(placeName !== null && { display: placeName }),
      },
    }),
    ...(vaccine && {
      manufacturer: {
        ...(vaccine.makerCode !== null && {
          identifier: { system: systems.emaOrganisation, value: vaccine.makerCode },
        }),
        display: vaccine.maker,
      },
    }),
    lotNumber: injection.lot,
    ...(injection.lotExpiry !== null && { expirationDate: injection.lotExpiry }),
    ...((arm !== null || site !== null) && {
      site: {
        ...(arm !== null && { coding: [{ system: systems.actSite, code: armCodes[arm] }] }),
        ...(site !== null && { text: site }),
      },
    }),
    route: route ? { coding: [{ system: systems.route, code: route }] } : { text: injection.route },
    ...(doseVolume !== null && {
      doseQuantity: { value: Number(doseVolume), unit: 'mL', system: systems.ucum, code: 'mL' },
    }),
    performer: [
      performer('AP', injection.performedBy),
      performer('EP', injection.enteredBy),
      ...(injection.validatedBy ? [performer('VP', injection.validatedBy)] : []),
    ],
    isSubpotent: false,
    ...((more.onsets ?? []).length > 0 && {
      reaction: more.onsets?.map((onset) => ({ date: onset.toISOString(), reported: false })),
    }),
    protocolApplied: [
      {
        targetDisease: [{ coding: [{ system: systems.snomed, code: targetDisease }] }],
        doseNumberPositiveInt: injection.doseRank,
        seriesDosesPositiveInt: injection.doseTotal,
      },
    ],
  };
}

/** A patient without NIR: it is searched by, never shown here. */
export function toPatient(patient: PatientRecord): Resource {
  const given = patient.birthGivenNames.split(' ').filter((name) => name !== '');
  return {
    ...head('Patient', patient),
    active: patient.mergedInto === null,
    name: [
      { use: 'official', family: patient.birthFamilyName, given },
      ...(patient.usedFamilyName !== null || patient.usedGivenName !== null
        ? [
            {
              use: 'usual',
              family: patient.usedFamilyName ?? patient.birthFamilyName,
              ...(patient.usedGivenName !== null && { given: [patient.usedGivenName] }),
            },
          ]
        : []),
    ],
    gender: patient.sex,
    birthDate: patient.birthDate,
    ...(patient.mergedInto !== null && {
      link: [{ other: { reference: `Patient/${patient.mergedInto}` }, type: 'replaced-by' }],
    }),
  };
}

/** Codes of the outcomes, in R4's required value set. */
const outcomeCodes = {
  recovered: 'resolved',
  recovering: 'recovering',
  not_recovered: 'ongoing',
  sequelae: 'resolvedWithSequelae',
  fatal: 'fatal',
  unknown: 'unknown',
} as const;

/** An adverse event that stands; R4 has no status for one entered in error. */
export function toAdverseEvent(event: AdverseEvent): Resource {
  return {
    ...head('AdverseEvent', event),
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${event.id}` },
    actuality: 'actual',
    event: {
      ...(event.terms.length > 0 && {
        coding: event.terms.map(({ system, code, display }) => ({ system, code, display })),
      }),
      text: event.description,
    },
    subject: { reference: `Patient/${event.patientId}` },
    date: event.occurredAt.toISOString(),
    recordedDate: event.createdAt.toISOString(),
    seriousness: {
      coding: [{ system: systems.seriousness, code: event.serious ? 'Serious' : 'Non-serious' }],
    },
    outcome: { coding: [{ system: systems.outcome, code: outcomeCodes[event.outcome] }] },
    recorder: practitioner(event.enteredBy),
    contributor: [practitioner(event.performedBy)],
    suspectEntity: [{ instance: { reference: `Immunization/${event.injection.id}` } }],
  };
}

interface Versioned {
  readonly id: string;
  readonly version: number;
  readonly updatedAt: Date;
}

function head(resourceType: string, { id, version, updatedAt }: Versioned) {
  return { resourceType, id, meta: { versionId: String(version), lastUpdated: updatedAt.toISOString() } };
}

function performer(code: 'AP' | 'EP' | 'VP', person: Person) {
  return {
    function: { coding: [{ system: systems.performerFunction, code }] },
    actor: practitioner(person),
  };
}

function practitioner({ nationalIdentifier, givenNames, familyName }: Person) {
  return {
    type: 'Practitioner',
    identifier: { system: systems.professional, value: nationalIdentifier },
    display: `${givenNames} ${familyName}`,
  };
}
