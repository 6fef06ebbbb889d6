import { expect } from 'vitest';
import { fhirFaults } from './fhir-validators.ts';
import type { SignedInProfessional } from './professionals.ts';
import type { TestApp } from './test-app.ts';

const base = '/fhir/R4';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Requests to the facade; whatever is answered with a body must be FHIR in the eyes of two validators. */
export function fhirClient(server: Pick<TestApp, 'app'>) {
  async function fhir(
    who: SignedInProfessional | undefined,
    method: Method,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) {
    const response = await server.app.inject({
      method,
      // A link of a Bundle is an absolute address.
      url: path.startsWith('/') ? `${base}${path}` : path.slice(path.indexOf(base)),
      headers: {
        accept: 'application/fhir+json',
        ...(who && { cookie: who.cookie }),
        ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
        ...headers,
      },
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    if (response.statusCode !== 204 && response.statusCode !== 304) {
      expect(response.headers['content-type']).toBe('application/fhir+json; charset=utf-8');
      expect(fhirFaults(response.json())).toEqual([]);
    }
    return response;
  }

  function form(who: SignedInProfessional, path: string, fields: Record<string, string>) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return fhir(who, 'POST', path, new URLSearchParams(fields).toString(), headers);
  }

  return { fhir, form };
}

/** The least that we can keep. */
export function anImmunization(
  patientId: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { coding: [{ system: 'urn:aiguillage:vaccine', code: 'comirnaty' }] },
    patient: { reference: `Patient/${patientId}` },
    occurrenceDateTime: '2026-11-20T10:00:00+01:00',
    lotNumber: 'FE4721',
    expirationDate: '2027-03-31',
    route: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', code: 'IM' }],
    },
    site: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActSite', code: 'LA' }] },
    doseQuantity: { value: 0.3, system: 'http://unitsofmeasure.org', code: 'mL' },
    protocolApplied: [{ doseNumberPositiveInt: 1, seriesDosesPositiveInt: 2 }],
    ...more,
  };
}

/** Why a resource is changed, as an extension of it. */
export const because = (reason: string) => ({
  url: 'urn:aiguillage:fhir:change-reason',
  valueString: reason,
});
