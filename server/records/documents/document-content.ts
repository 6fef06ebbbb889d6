import { createHash } from 'node:crypto';
import { findVaccine as findCertified } from '../../certificates/dcc/value-sets.ts';
import type { AttestationRequest, SummaryRequest } from '../../certificates/issue.ts';
import { parisDay } from '../../paris-day.ts';
import { Problem } from '../../problem.ts';
import type { Act, Consultation, Injection } from '../acts/find-act.ts';
import { onWall, zoneOfFiness } from '../acts/place-zone.ts';
import { findVaccine, type VaccineList } from '../rules/vaccines.ts';
import { certifiedDose } from './certified-dose.ts';
import type { PersonRecord } from './person-record.ts';

type Common = Pick<SummaryRequest, 'person' | 'recordVersion'>;
/** What a summary tells of a record. */
export type SummaryContent = Common & Pick<SummaryRequest, 'consultations' | 'injections'>;
/** What an attestation tells of a record, and of which injection. */
export type AttestationContent = Common & Pick<AttestationRequest, 'injection'> & { readonly of: string };

/**
 * Every consultation's outcome and every injection.
 * @throws Problem 422 `document-nothing-recorded`, or `document-not-validated` naming whose validation is missing.
 */
export function summaryContent(record: PersonRecord, vaccines: VaccineList): SummaryContent {
  const { consultations, injections } = record;
  if (consultations.length + injections.length === 0) throw new Problem(422, 'document-nothing-recorded');
  refuseUnvalidated([...consultations, ...injections]);
  return {
    ...common(record),
    consultations: consultations.map((act) => ({
      date: dayOf(act),
      outcome: act.decision,
      ...(act.deferredUntil !== null && { until: act.deferredUntil }),
      ...whoAndWhere(act),
    })),
    injections: injections.map((act) => ({
      date: dayOf(act),
      vaccine: findVaccine(vaccines, act.vaccine, parisDay(act.occurredAt))?.name ?? act.vaccine,
      lot: act.lot,
      rank: act.doseRank,
      expected: act.doseTotal,
      ...whoAndWhere(act),
    })),
  };
}

/**
 * One injection with where the person stands by it: the last, or the one asked for as long as it counts.
 * @throws Problem 422 `document-no-injection`, `document-not-validated`; `cannot-certify-…` when it has no place in the
 *   certificates.
 */
export function attestationContent(
  record: PersonRecord,
  vaccines: VaccineList,
  asked?: string | null,
): AttestationContent {
  const { injections } = record;
  const injection = injections.find(({ id }) => id === asked) ?? injections.at(-1);
  if (!injection) throw new Problem(422, 'document-no-injection');
  refuseUnvalidated([injection]);
  const dose = certifiedDose(injection, injections.slice(0, injections.indexOf(injection)));
  if (!dose) throw new Problem(422, 'cannot-certify-dose');
  const known = findVaccine(vaccines, injection.vaccine, parisDay(injection.occurredAt));
  if (!known || !findCertified(known.emaNumber)) throw new Problem(422, 'cannot-certify-vaccine');
  return {
    ...common(record),
    of: injection.id,
    injection: { ...dose, vaccine: known.emaNumber, date: dayOf(injection), country: 'FR' },
  };
}

/** What a document says of the record, in short: neither the version nor the act's own id are said of the person. */
export function digestOf(content: SummaryContent | AttestationContent): Buffer {
  const told = { ...content, recordVersion: undefined, of: undefined };
  return createHash('sha256').update(JSON.stringify(told)).digest();
}

function common({ patient, version }: PersonRecord): Common {
  const { birthFamilyName, birthGivenNames, usedFamilyName, birthDate } = patient;
  return {
    person: {
      familyName: birthFamilyName,
      ...(usedFamilyName !== null && { usedName: usedFamilyName }),
      givenNames: birthGivenNames.split(' '),
      birthDate,
    },
    recordVersion: String(version),
  };
}

/** A professional answers for every act that is certified: what a delegate entered waits for that. */
function refuseUnvalidated(acts: readonly Act[]): void {
  const waiting = acts.filter(({ validatedBy }) => validatedBy === null);
  if (waiting.length === 0) return;
  const names = new Set(waiting.map(({ performedBy }) => nameOf(performedBy)));
  throw new Problem(422, 'document-not-validated', { parameters: { names: [...names].join(', ') } });
}

/** The day that it was where it happened. */
function dayOf({ occurredAt, placeFiness }: Consultation | Injection): string {
  return onWall(zoneOfFiness(placeFiness), occurredAt).date;
}

function whoAndWhere({ performedBy, placeName, placeFiness }: Act) {
  const place = [placeName, placeFiness && `FINESS ${placeFiness}`].filter((each) => each).join(', ');
  return { professional: nameOf(performedBy), ...(place !== '' && { place }) };
}

function nameOf({ givenNames, familyName }: { readonly givenNames: string; readonly familyName: string }) {
  return `${givenNames} ${familyName}`;
}
