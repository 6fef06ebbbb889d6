import { parisDay } from '../paris-day.ts';
import { type PlaceKind, placeKinds } from '../records/acts/acts.table.ts';
import type { InjectionInput } from '../records/acts/injection-body.ts';
import { type Vaccine, type VaccineList, vaccinesOn } from '../records/rules/vaccines.ts';
import { FaultyResource } from './outcome.ts';
import { type Fault, immunization, structureFaults } from './structure.ts';
import { armCodes, routeCodes, systems } from './systems.ts';

interface Coding {
  readonly system?: string;
  readonly code?: string;
}
interface Concept {
  readonly coding?: readonly Coding[];
  readonly text?: string;
}
interface Reference {
  readonly reference?: string;
  readonly identifier?: { readonly system?: string; readonly value?: string };
  readonly display?: string;
}

/** An Immunization whose structure was checked. */
interface Immunization {
  readonly resourceType: string;
  readonly id?: string;
  readonly status: string;
  readonly statusReason?: Concept;
  readonly vaccineCode: Concept;
  readonly patient: Reference;
  readonly occurrenceDateTime?: string;
  readonly primarySource?: boolean;
  readonly isSubpotent?: boolean;
  readonly location?: Reference;
  readonly manufacturer?: Reference;
  readonly lotNumber?: string;
  readonly expirationDate?: string;
  readonly site?: Concept;
  readonly route?: Concept;
  readonly doseQuantity?: { readonly value?: number; readonly system?: string; readonly code?: string };
  readonly performer?: readonly { readonly function?: Concept; readonly actor: Reference }[];
  readonly protocolApplied?: readonly {
    readonly doseNumberPositiveInt?: number;
    readonly seriesDosesPositiveInt?: number;
  }[];
  readonly extension?: readonly {
    readonly url: string;
    readonly valueString?: string;
    readonly valueCode?: string;
    readonly valueBoolean?: boolean;
  }[];
}

export interface ReadImmunization {
  readonly patientId: string;
  readonly status: 'completed' | 'entered-in-error';
  readonly input: InjectionInput;
  /** What a correction, or "entered in error", gives as its reason. */
  readonly reason: string | undefined;
}

/** Elements of R4 that our records have no place for: named, so that nothing is dropped in silence. */
const notKept = [
  'implicitRules',
  'language',
  'text',
  'encounter',
  'occurrenceString',
  'reportOrigin',
  'note',
  'reasonCode',
  'reasonReference',
  'subpotentReason',
  'education',
  'programEligibility',
  'fundingSource',
] as const;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * What an Immunization says, in the words of our commands. Server-kept elements (`id`, `meta`, `identifier`, `recorded`,
 * `reaction`, who entered and who validated) are taken and not looked at: a resource that was read can be sent back.
 * @throws FaultyResource 400 for what is no Immunization of R4; 422 for what is one that we cannot keep.
 */
export function readImmunization(body: unknown, vaccines: VaccineList): ReadImmunization {
  const shape = structureFaults(body, immunization, 'Immunization');
  if (shape.length > 0) throw new FaultyResource(400, shape);
  // The structure has just been checked, element by element.
  const given = body as Immunization & Readonly<Record<string, unknown>>;
  const faults: Fault[] = [];
  const fault = (element: string, code: Fault['code'], key: string) => {
    faults.push({ expression: `Immunization.${element}`, code, key });
  };
  if (given.resourceType !== 'Immunization') fault('resourceType', 'value', 'resource_type');
  for (const name of notKept) if (Object.hasOwn(given, name)) fault(name, 'not-supported', 'not_kept');
  if (given.status !== 'completed' && given.status !== 'entered-in-error') {
    fault('status', given.status === 'not-done' ? 'not-supported' : 'code-invalid', 'status');
  }
  if (given.primarySource === false) fault('primarySource', 'not-supported', 'not_kept');
  if (given.isSubpotent === true) fault('isSubpotent', 'not-supported', 'not_kept');

  const patientId = /^(?:Patient\/|urn:uuid:)(\S+)$/.exec(given.patient.reference ?? '')?.[1] ?? '';
  if (!uuid.test(patientId)) fault('patient.reference', 'value', 'patient');
  const occurredAt = given.occurrenceDateTime ?? '';
  const isInstant = occurredAt.includes('T');
  if (occurredAt !== '' && !isInstant) fault('occurrence', 'business-rule', 'instant');
  const day = isInstant ? parisDay(new Date(occurredAt)) : undefined;

  const vaccine = vaccineOf(given.vaccineCode, vaccines, day);
  if (vaccine === undefined) fault('vaccineCode', 'code-invalid', 'vaccine');
  const maker = given.manufacturer?.identifier;
  if (vaccine && maker?.value !== undefined && maker.value !== vaccine.makerCode) {
    fault('manufacturer.identifier.value', 'invariant', 'maker');
  }
  if (given.lotNumber === undefined) fault('lotNumber', 'required', 'required');
  if (given.expirationDate !== undefined && given.expirationDate.length !== 10) {
    fault('expirationDate', 'business-rule', 'day');
  }
  const route = readRoute(given.route);
  if (route === undefined) fault('route', given.route === undefined ? 'required' : 'code-invalid', 'route');
  const arm = readArm(given.site);
  if (arm === 'unknown') fault('site', 'code-invalid', 'site');
  const volume = readVolume(given.doseQuantity);
  if (volume === 'unknown') fault('doseQuantity', 'value', 'volume');
  const protocol = given.protocolApplied?.[0];
  if (protocol === undefined) fault('protocolApplied', 'required', 'required');
  if ((given.protocolApplied?.length ?? 0) > 1) fault('protocolApplied', 'not-supported', 'one_protocol');
  if (protocol && protocol.doseNumberPositiveInt === undefined) {
    fault('protocolApplied[0].doseNumber', 'not-supported', 'number');
  }
  if (protocol && protocol.seriesDosesPositiveInt === undefined) {
    fault('protocolApplied[0].seriesDoses', 'required', 'required');
  }
  for (const [name, value] of [
    ['doseNumber', protocol?.doseNumberPositiveInt],
    ['seriesDoses', protocol?.seriesDosesPositiveInt],
  ] as const) {
    if ((value ?? 1) > 99) fault(`protocolApplied[0].${name}`, 'value', 'value');
  }
  const finess = given.location?.identifier;
  if (finess && finess.system !== systems.finess)
    fault('location.identifier.system', 'code-invalid', 'finess');
  const known: readonly string[] = [
    systems.placeKind,
    systems.overrideReason,
    systems.notADuplicate,
    systems.changeReason,
  ];
  for (const [place, { url }] of (given.extension ?? []).entries()) {
    if (!known.includes(url)) fault(`extension[${place}].url`, 'not-supported', 'extension');
  }
  const said = (url: string) => given.extension?.find((each) => each.url === url);
  const kind = said(systems.placeKind)?.valueCode ?? (finess ? 'establishment' : 'other');
  if (!isPlaceKind(kind)) fault('extension', 'code-invalid', 'place_kind');
  const overrideReason = said(systems.overrideReason)?.valueString;

  if (faults.length > 0 || !isPlaceKind(kind) || vaccine === undefined || route === undefined) {
    throw new FaultyResource(422, faults);
  }
  const performer = performerOf(given);
  return {
    patientId,
    status: given.status === 'completed' ? 'completed' : 'entered-in-error',
    reason: said(systems.changeReason)?.valueString ?? given.statusReason?.text,
    input: {
      occurredAt,
      place: {
        kind,
        ...(finess?.value !== undefined && { finess: finess.value }),
        ...(given.location?.display !== undefined && { name: given.location.display }),
      },
      vaccine: vaccine.vaccine,
      ...(given.lotNumber !== undefined && { lot: given.lotNumber }),
      ...(given.expirationDate !== undefined && { lotExpiry: given.expirationDate }),
      ...((arm === 'left' || arm === 'right') && { arm }),
      ...(given.site?.text !== undefined && { site: given.site.text }),
      route,
      ...(volume !== undefined && { doseVolume: volume }),
      doseRank: protocol?.doseNumberPositiveInt ?? 1,
      doseTotal: protocol?.seriesDosesPositiveInt ?? 1,
      ...(performer !== undefined && { performedBy: performer }),
      ...(overrideReason !== undefined && { overrideReason }),
      ...(said(systems.notADuplicate)?.valueBoolean === true && { notADuplicate: true }),
    },
  };
}

/** The one vaccine of that day that the codes name; undefined when they name none, several, or different ones. */
function vaccineOf(
  { coding = [] }: Concept,
  list: VaccineList,
  day: string | undefined,
): Vaccine | undefined {
  const candidates = day === undefined ? list.vaccines : vaccinesOn(list, day);
  const naming = coding.filter(({ system }) => Object.hasOwn(codeOf, system ?? ''));
  const fitting = candidates.filter((vaccine) =>
    naming.every(({ system = '', code }) => codeOf[system]?.(vaccine) === code),
  );
  return naming.length > 0 && new Set(fitting.map(({ vaccine }) => vaccine)).size === 1
    ? fitting[0]
    : undefined;
}

const codeOf: Readonly<Record<string, (vaccine: Vaccine) => string>> = {
  [systems.vaccine]: ({ vaccine }) => vaccine,
  [systems.emaNumber]: ({ emaNumber }) => emaNumber,
  [systems.atc]: ({ atc }) => atc,
  [systems.snomed]: ({ prophylaxis }) => prophylaxis,
};

function readRoute(route: Concept | undefined): InjectionInput['route'] | undefined {
  const code = codeIn(route, systems.route);
  for (const [name, each] of Object.entries(routeCodes)) {
    if (each === code) return name as keyof typeof routeCodes;
  }
  return code === undefined && route?.text !== undefined ? 'other' : undefined;
}

function readArm(site: Concept | undefined): 'left' | 'right' | 'unknown' | undefined {
  const code = codeIn(site, systems.actSite);
  if (code === armCodes.left) return 'left';
  if (code === armCodes.right) return 'right';
  return site === undefined || (code === undefined && site.text !== undefined) ? undefined : 'unknown';
}

function readVolume(dose: Immunization['doseQuantity']): string | undefined {
  if (dose === undefined) return undefined;
  const { value, system, code } = dose;
  if (value === undefined || value <= 0 || value >= 100 || system !== systems.ucum || code !== 'mL') {
    return 'unknown';
  }
  const text = String(value);
  return /^[0-9]{1,2}([.][0-9]{1,3})?$/.test(text) ? text : 'unknown';
}

/** Who gave it: the performer with that function, or the only one that has none. */
function performerOf({ performer = [] }: Immunization): string | undefined {
  const code = (each: (typeof performer)[number]) => codeIn(each.function, systems.performerFunction);
  const giver =
    performer.find((each) => code(each) === 'AP') ?? performer.find((each) => code(each) === undefined);
  const { system, value } = giver?.actor.identifier ?? {};
  return system === systems.professional ? value : undefined;
}

function codeIn(concept: Concept | undefined, system: string): string | undefined {
  return concept?.coding?.find((each) => each.system === system)?.code;
}

function isPlaceKind(kind: string): kind is PlaceKind {
  return placeKinds.some((each) => each === kind);
}
