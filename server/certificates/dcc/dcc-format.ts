import { type Static, Type } from 'typebox';

/** Day of an act or a birth as `2021-03-31`. */
const day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
/** Some countries write an instant where the schema asks for a day: the schema's `format: date` was not enforced by all. */
const dayOrInstant = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}.{0,30})?$' });
const instant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}(:?\\d{2})?)$',
});
const code = Type.String({ minLength: 1, maxLength: 80 });
const name = Type.String({ minLength: 1, maxLength: 80 });
const standardName = Type.String({ pattern: '^[A-Z<]{1,80}$' });
const count = Type.Integer({ minimum: 1, maximum: 9 });

const common = {
  /** Disease or agent targeted, SNOMED CT. */
  tg: code,
  /** Country, ISO 3166. */
  co: Type.String({ pattern: '^[A-Z]{1,10}$' }),
  /** Who issued it. */
  is: code,
  /** Unique certificate identifier (UVCI). */
  ci: code,
};

const VaccinationEntry = Type.Object({
  ...common,
  /** Vaccine or prophylaxis. */
  vp: code,
  /** Medicinal product. */
  mp: code,
  /** Marketing authorisation holder. */
  ma: code,
  /** Rank of the dose. */
  dn: count,
  /** Doses of the series. */
  sd: count,
  /** Day of the dose. */
  dt: dayOrInstant,
});

const TestEntry = Type.Object({
  ...common,
  tt: code,
  nm: Type.Optional(Type.String({ maxLength: 80 })),
  ma: Type.Optional(Type.String({ maxLength: 80 })),
  sc: instant,
  dr: Type.Optional(instant),
  tr: code,
  tc: Type.Optional(Type.String({ maxLength: 80 })),
});

const RecoveryEntry = Type.Object({ ...common, fr: dayOrInstant, df: dayOrInstant, du: dayOrInstant });

const one = { minItems: 1, maxItems: 1 };

/**
 * The EU Digital COVID Certificate, versions 1.0 to 1.3 of its schema: a person and exactly one event. Members that
 * a later version adds are let through, as its own schema does.
 */
export const DccSchema = Type.Object({
  ver: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$', maxLength: 20 }),
  nam: Type.Object({
    fn: Type.Optional(name),
    fnt: standardName,
    gn: Type.Optional(name),
    gnt: Type.Optional(standardName),
  }),
  /** A day, a month or a year: not everybody's birth date is known. */
  dob: Type.String({ pattern: '^((19|20)\\d{2}(-\\d{2}){0,2})?(T00:00:00)?$' }),
  v: Type.Optional(Type.Array(VaccinationEntry, one)),
  t: Type.Optional(Type.Array(TestEntry, one)),
  r: Type.Optional(Type.Array(RecoveryEntry, one)),
});

/** What we issue: no more than the schema asks for, and every day a day. */
export const IssuedDccSchema = Type.Object({
  ver: Type.Literal('1.3.0'),
  nam: Type.Object({
    fn: name,
    fnt: standardName,
    gn: Type.Optional(name),
    gnt: Type.Optional(standardName),
  }),
  dob: day,
  v: Type.Array(Type.Object({ ...VaccinationEntry.properties, dt: day }), one),
});

export type Dcc = Static<typeof DccSchema>;
export type IssuedDcc = Static<typeof IssuedDccSchema>;
export type DccKind = 'vaccination' | 'test' | 'recovery';

/** What a certificate speaks of, and the one event in it; undefined unless there is exactly one. */
export function eventOf(
  dcc: Dcc,
):
  | { readonly kind: 'vaccination'; readonly entry: Static<typeof VaccinationEntry> }
  | { readonly kind: 'test'; readonly entry: Static<typeof TestEntry> }
  | { readonly kind: 'recovery'; readonly entry: Static<typeof RecoveryEntry> }
  | undefined {
  const [vaccination] = dcc.v ?? [];
  const [test] = dcc.t ?? [];
  const [recovery] = dcc.r ?? [];
  if ([vaccination, test, recovery].filter(Boolean).length !== 1) return undefined;
  if (vaccination) return { kind: 'vaccination', entry: vaccination };
  if (test) return { kind: 'test', entry: test };
  return recovery && { kind: 'recovery', entry: recovery };
}

/** Labels of the CWT claims: RFC 8392, and `hcert` of the eHealth network's specification. */
export const claims = { issuer: 1, expires: 4, issuedAt: 6, hcert: -260 } as const;
/** Labels of the COSE headers: RFC 9052. */
export const headers = { algorithm: 1, kid: 4 } as const;
/** Signature algorithms of COSE that the specification allows: ES256 first, PS256 second. */
export const algorithms = { ES256: -7, PS256: -37 } as const;
/** The tag of COSE_Sign1, and the one of CWT that may stand around it. */
export const tags = { sign1: 18, cwt: 61 } as const;
/** What every certificate's text begins with. */
export const prefix = 'HC1:';
