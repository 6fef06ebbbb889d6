/** Addresses of the code systems and identifiers that our resources name. */
export const systems = {
  snomed: 'http://snomed.info/sct',
  atc: 'http://www.whocc.no/atc',
  emaNumber: 'https://ec.europa.eu/health/documents/community-register/html/',
  emaOrganisation: 'https://spor.ema.europa.eu/v1/organisations',
  /** National identifier of professionals; FINESS numbers. */
  professional: 'urn:oid:1.2.250.1.71.4.2.1',
  finess: 'urn:oid:1.2.250.1.71.4.2.2',
  nir: 'urn:oid:1.2.250.1.213.1.4.8',
  actSite: 'http://terminology.hl7.org/CodeSystem/v3-ActSite',
  route: 'http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration',
  performerFunction: 'http://terminology.hl7.org/CodeSystem/v2-0443',
  ucum: 'http://unitsofmeasure.org',
  seriousness: 'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness',
  outcome: 'http://terminology.hl7.org/CodeSystem/adverse-event-outcome',
  /** Ours: the keys of the dated list of vaccines, and what R4 has no element for. */
  vaccine: 'urn:aiguillage:vaccine',
  placeKind: 'urn:aiguillage:fhir:place-kind',
  overrideReason: 'urn:aiguillage:fhir:override-reason',
  notADuplicate: 'urn:aiguillage:fhir:not-a-duplicate',
  changeReason: 'urn:aiguillage:fhir:change-reason',
} as const;

export const routeCodes = { intramuscular: 'IM', subcutaneous: 'SQ', intradermal: 'IDINJ' } as const;
export const armCodes = { left: 'LA', right: 'RA' } as const;
/** COVID-19, the disease that every vaccine of the list is against. */
export const targetDisease = '840539006';
