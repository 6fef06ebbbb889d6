/**
 * Purpose: the records half as FHIR R4: the same commands, rights and access log in HL7's words.
 * Entry points: fhir.routes.ts.
 * May import: server/records, server/identity, server/http (routes only). Never server/cases.
 *
 * This file: which elements of R4 a resource sent to us may have, and what is wrong with one that has others.
 */

/** What is wrong, where (FHIRPath), in the code that FHIR has for it; `key` of `fhir.faults`. */
export interface Fault {
  readonly expression: string;
  readonly code:
    | 'structure'
    | 'required'
    | 'value'
    | 'invariant'
    | 'not-supported'
    | 'code-invalid'
    | 'business-rule';
  readonly key: string;
}

type Primitive =
  | 'string'
  | 'code'
  | 'uri'
  | 'id'
  | 'boolean'
  | 'decimal'
  | 'positiveInt'
  | 'date'
  | 'dateTime'
  | 'instant'
  | 'markup';

/** One element: a primitive or a named type, how often, and whether it must be there. */
interface Element {
  readonly type: Primitive | Complex;
  readonly many?: true;
  readonly required?: true;
}

/** Elements by their JSON names; `choices` are those of which one alone may be there (`occurrence[x]`). */
interface Complex {
  readonly elements: Readonly<Record<string, Element>>;
  readonly choices?: readonly {
    readonly name: string;
    readonly of: readonly string[];
    readonly required?: true;
  }[];
}

const one = (type: Element['type']): Element => ({ type });
const many = (type: Element['type']): Element => ({ type, many: true });
const required = (type: Element['type']): Element => ({ type, required: true });

const anExtension: Complex = {
  elements: {
    id: one('string'),
    url: required('uri'),
    valueString: one('string'),
    valueCode: one('code'),
    valueBoolean: one('boolean'),
    valueUri: one('uri'),
  },
  choices: [{ name: 'value', of: ['valueString', 'valueCode', 'valueBoolean', 'valueUri'], required: true }],
};

/** What every type of data may carry. */
const common = { id: one('string'), extension: many(anExtension) };
const type = (elements: Complex['elements'], choices?: Complex['choices']): Complex => ({
  elements: { ...common, ...elements },
  ...(choices && { choices }),
});

const period = type({ start: one('dateTime'), end: one('dateTime') });
const coding = type({
  system: one('uri'),
  version: one('string'),
  code: one('code'),
  display: one('string'),
  userSelected: one('boolean'),
});
const concept = type({ coding: many(coding), text: one('string') });
const identifier = type({
  use: one('code'),
  type: one(concept),
  system: one('uri'),
  value: one('string'),
  period: one(period),
});
const reference = type({
  reference: one('string'),
  type: one('uri'),
  identifier: one(identifier),
  display: one('string'),
});
const quantity = type({ value: one('decimal'), unit: one('string'), system: one('uri'), code: one('code') });
const annotation = type(
  {
    authorString: one('string'),
    authorReference: one(reference),
    time: one('dateTime'),
    text: required('string'),
  },
  [{ name: 'author', of: ['authorString', 'authorReference'] }],
);
const meta = type({
  versionId: one('id'),
  lastUpdated: one('instant'),
  source: one('uri'),
  profile: many('uri'),
  security: many(coding),
  tag: many(coding),
});
const narrative = type({ status: required('code'), div: required('markup') });

/** Every element of R4's Immunization: those we do not take are refused by name, not as unknown. */
export const immunization = type(
  {
    resourceType: required('code'),
    id: one('id'),
    meta: one(meta),
    implicitRules: one('uri'),
    language: one('code'),
    text: one(narrative),
    identifier: many(identifier),
    status: required('code'),
    statusReason: one(concept),
    vaccineCode: required(concept),
    patient: required(reference),
    encounter: one(reference),
    occurrenceDateTime: one('dateTime'),
    occurrenceString: one('string'),
    recorded: one('dateTime'),
    primarySource: one('boolean'),
    reportOrigin: one(concept),
    location: one(reference),
    manufacturer: one(reference),
    lotNumber: one('string'),
    expirationDate: one('date'),
    site: one(concept),
    route: one(concept),
    doseQuantity: one(quantity),
    performer: many(type({ function: one(concept), actor: required(reference) })),
    note: many(annotation),
    reasonCode: many(concept),
    reasonReference: many(reference),
    isSubpotent: one('boolean'),
    subpotentReason: many(concept),
    education: many(
      type({
        documentType: one('string'),
        reference: one('uri'),
        publicationDate: one('dateTime'),
        presentationDate: one('dateTime'),
      }),
    ),
    programEligibility: many(concept),
    fundingSource: one(concept),
    reaction: many(type({ date: one('dateTime'), detail: one(reference), reported: one('boolean') })),
    protocolApplied: many(
      type(
        {
          series: one('string'),
          authority: one(reference),
          targetDisease: many(concept),
          doseNumberPositiveInt: one('positiveInt'),
          doseNumberString: one('string'),
          seriesDosesPositiveInt: one('positiveInt'),
          seriesDosesString: one('string'),
        },
        [
          { name: 'doseNumber', of: ['doseNumberPositiveInt', 'doseNumberString'], required: true },
          { name: 'seriesDoses', of: ['seriesDosesPositiveInt', 'seriesDosesString'] },
        ],
      ),
    ),
  },
  [{ name: 'occurrence', of: ['occurrenceDateTime', 'occurrenceString'], required: true }],
);

/** How many faults are told at once. */
const most = 20;

/** What is wrong with the shape of a resource; nothing when it is one of R4. `path` begins every expression. */
export function structureFaults(value: unknown, shape: Complex, path: string): readonly Fault[] {
  const faults: Fault[] = [];
  walk(value, shape, path, faults);
  return faults.slice(0, most);
}

function walk(value: unknown, shape: Complex, path: string, faults: Fault[]): void {
  if (faults.length >= most) return;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    faults.push({ expression: path, code: 'structure', key: 'object' });
    return;
  }
  const given = value as Readonly<Record<string, unknown>>;
  if (Object.keys(given).length === 0) faults.push({ expression: path, code: 'invariant', key: 'empty' });
  for (const [name, each] of Object.entries(given)) {
    const element = Object.hasOwn(shape.elements, name) ? shape.elements[name] : undefined;
    if (element === undefined) {
      // What is no name may be a value in its place, such as a NIR: it is not repeated.
      const said = /^_?[A-Za-z]{1,64}$/.test(name) ? `${path}.${name}` : path;
      faults.push({ expression: said, code: 'structure', key: 'unknown' });
    } else checkElement(each, element, `${path}.${name}`, faults);
  }
  for (const [name, element] of Object.entries(shape.elements)) {
    if (element.required && !Object.hasOwn(given, name)) {
      faults.push({ expression: `${path}.${name}`, code: 'required', key: 'required' });
    }
  }
  for (const { name, of, required: needed } of shape.choices ?? []) {
    const there = of.filter((each) => Object.hasOwn(given, each));
    if (there.length > 1) faults.push({ expression: `${path}.${name}`, code: 'structure', key: 'choice' });
    if (there.length === 0 && needed) {
      faults.push({ expression: `${path}.${name}`, code: 'required', key: 'required' });
    }
  }
}

function checkElement(value: unknown, element: Element, path: string, faults: Fault[]): void {
  if (element.many) {
    if (!Array.isArray(value)) faults.push({ expression: path, code: 'structure', key: 'list' });
    else if (value.length === 0) faults.push({ expression: path, code: 'structure', key: 'empty' });
    else for (const [place, each] of value.entries()) checkOne(each, element, `${path}[${place}]`, faults);
  } else if (Array.isArray(value)) {
    faults.push({ expression: path, code: 'structure', key: 'single' });
  } else checkOne(value, element, path, faults);
}

function checkOne(value: unknown, { type: kind }: Element, path: string, faults: Fault[]): void {
  if (typeof kind !== 'string') walk(value, kind, path, faults);
  else {
    const key = primitiveFault(value, kind);
    if (key) faults.push({ expression: path, code: key === 'type' ? 'structure' : 'value', key });
  }
}

const date = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;
const dateTime =
  /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?(Z|[+-](0\d:[0-5]\d|1[0-3]:[0-5]\d|14:00)))?)?)?$/;

/** The lexical rules of R4's primitives that a pattern can tell. */
const patterns: Readonly<Partial<Record<Primitive, RegExp>>> = {
  string: /\S/,
  markup: /\S/,
  code: /^[^\s]+( [^\s]+)*$/,
  uri: /^\S+$/,
  id: /^[A-Za-z0-9\-.]{1,64}$/,
  date,
  dateTime,
  instant: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/,
};

function primitiveFault(value: unknown, kind: Primitive): string | undefined {
  if (kind === 'boolean') return typeof value === 'boolean' ? undefined : 'type';
  if (kind === 'decimal') return typeof value === 'number' && Number.isFinite(value) ? undefined : 'type';
  if (kind === 'positiveInt') {
    if (typeof value !== 'number') return 'type';
    return Number.isInteger(value) && value >= 1 && value <= 2_147_483_647 ? undefined : 'value';
  }
  if (typeof value !== 'string') return 'type';
  if (value === '') return 'empty';
  if (!(patterns[kind]?.test(value) ?? true)) return 'value';
  return (kind === 'date' || kind === 'dateTime' || kind === 'instant') && !isRealDay(value)
    ? 'value'
    : undefined;
}

/** Whether what is named is of the calendar: 30 February and the year 0 are not, nor a leap second, that nothing here can read. */
function isRealDay(value: string): boolean {
  const day = value.slice(0, 10);
  if (value.startsWith('0000') || Number.isNaN(Date.parse(value))) return false;
  if (day.length < 10) return true;
  const read = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(day);
}
