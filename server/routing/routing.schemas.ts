/**
 * Purpose: the shapes in which openings and decisions leave and practitioners enter, and their conversion.
 * Entry points: `OpeningSchema` with `openingJson`, `PractitionerSchema` with `checkPractitioner`, `readInstant`.
 * May import: the pure parts of this folder, server/problem.ts, server/texts.ts.
 */
import { Temporal } from 'temporal-polyfill';
import { type Static, Type } from 'typebox';
import type { FieldProblem } from '../problem.ts';
import type { Language, Texts } from '../texts.ts';
import { describeOpening, describeOpeningReason } from './describe.ts';
import type { Opening } from './opening-hours.ts';
import { checkFiness, checkRpps, modes, type Practitioner, settings } from './practitioner-types.ts';
import { isoIn } from './time-zones.ts';

const Moment = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }));

export const OpeningSchema = Type.Object(
  {
    state: Type.Enum(['open', 'closed', 'unknown'], {
      description: '`unknown`: the hours are not configured; the line may be open or closed',
    }),
    closesAt: Moment('While open, when known; offset of the hotline’s zone'),
    opensAt: Moment('While closed, when known; offset of the hotline’s zone'),
    reason: Type.String({ description: 'Why, in the request’s language' }),
    reasonCode: Type.Enum([
      'regular_hours',
      'public_holiday',
      'exception',
      'not_in_service',
      'hours_unknown',
    ]),
    text: Type.String({ description: 'The state in one line, on the hotline’s clock and the caller’s' }),
    zone: Type.String({ description: 'IANA zone of the hotline' }),
    caller: Type.Optional(
      Type.Object(
        {
          zone: Type.String(),
          closesAt: Moment('The same instant, offset of the caller’s zone'),
          opensAt: Moment('The same instant, offset of the caller’s zone'),
        },
        { description: 'Only when a zone was given' },
      ),
    ),
  },
  { title: 'Opening' },
);

/** An opening as the API gives it. `at` and `callerZone` as for `describeOpening`. */
export function openingJson(
  texts: Texts,
  language: Language,
  opening: Opening,
  at: Date,
  callerZone?: string,
): Static<typeof OpeningSchema> {
  const { state, closesAt, opensAt, zone, reason } = opening;
  const edges = (inZone: (iso: string) => string) => ({
    ...(closesAt !== undefined && { closesAt: inZone(closesAt) }),
    ...(opensAt !== undefined && { opensAt: inZone(opensAt) }),
  });
  return {
    state,
    ...edges((iso) => iso),
    reason: describeOpeningReason(texts, language, opening),
    reasonCode: reason.code,
    text: describeOpening(texts, language, opening, at, callerZone),
    zone,
    ...(callerZone !== undefined && {
      caller: { zone: callerZone, ...edges((iso) => isoIn(callerZone, new Date(iso))) },
    }),
  };
}

/** Unknown fields are refused, not dropped. */
const closed = { additionalProperties: false } as const;

const ModeSchema = Type.Enum(modes, { description: 'Independent (L), salaried (S), volunteer (B)' });
const FinessSchema = Type.String({ maxLength: 20, description: '9 characters; a wrong key only warns' });

/** What a caller may tell of a practitioner; `checkPractitioner` checks what a schema cannot. */
export const PractitionerSchema = Type.Object(
  {
    rpps: Type.Optional(
      Type.String({
        maxLength: 30,
        description: '11 digits, or 12 with the leading 8; a wrong key only warns',
      }),
    ),
    profession: Type.Optional(
      Type.String({
        pattern: '^([0-9]{2}|other|none)$',
        description: 'Code of TRE_G15, `other`, or `none` for staff without a profession',
      }),
    ),
    mode: Type.Optional(ModeSchema),
    setting: Type.Optional(Type.Enum(settings, { description: 'The place they connect for' })),
    finess: Type.Optional(FinessSchema),
    activities: Type.Optional(
      Type.Array(
        Type.Object(
          {
            mode: ModeSchema,
            sector: Type.Optional(
              Type.String({ pattern: '^[A-Z]{2}[0-9]{2}$', description: 'Code of TRE_R02' }),
            ),
            finess: Type.Optional(FinessSchema),
          },
          closed,
        ),
        { maxItems: 50, description: 'What the directory knows, in any order' },
      ),
    ),
  },
  { ...closed, title: 'Practitioner' },
);

/** A number that is taken although its key is wrong; each has the text `routing.warnings.<it>`. */
export type IdentifierWarning = 'rpps' | 'finess';

/**
 * Checks the identifiers, and brings them to the form in which they are stored; blank ones count as not given.
 * @param path JSON pointer of the practitioner in the body, for the errors.
 * @returns the practitioner, or every field at fault.
 */
export function checkPractitioner(
  typed: Static<typeof PractitionerSchema>,
  path: string,
):
  | { readonly practitioner: Practitioner; readonly warnings: readonly IdentifierWarning[] }
  | { readonly errors: readonly FieldProblem[] } {
  const errors: FieldProblem[] = [];
  const warnings: IdentifierWarning[] = [];
  const { rpps: typedRpps, finess: typedFiness, ...rest } = typed;

  const rpps = typedRpps?.trim() ? checkRpps(typedRpps) : undefined;
  if (rpps?.ok === false) errors.push({ path: `${path}/rpps`, key: 'routing.fields.rpps' });
  if (rpps?.ok && rpps.warning) warnings.push('rpps');

  const finess = typedFiness?.trim() ? checkFiness(typedFiness) : undefined;
  if (finess?.ok === false) errors.push({ path: `${path}/finess`, key: 'routing.fields.finess' });
  if (finess?.ok && finess.warning) warnings.push('finess');

  if (errors.length > 0) return { errors };
  const identifiers = { ...(rpps?.ok && { rpps: rpps.value }), ...(finess?.ok && { finess: finess.value }) };
  return { practitioner: { ...rest, ...identifiers }, warnings };
}

/** Years in which calendars are worth asking; beyond them nothing is configured. */
const years = { first: 2000, last: 2100 };

/**
 * An ISO 8601 date and time with its offset, between 2000 and 2100. In an address a `+` that was not encoded arrives
 * as a space: it is read as the `+` it was.
 * @returns undefined for anything else.
 */
export function readInstant(typed: string): Date | undefined {
  const iso = typed.replace(/ (\d\d:?\d\d)$/, '+$1');
  const shape = /^(\d{4})-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)$/.exec(iso);
  const year = Number(shape?.[1]);
  if (!(years.first <= year && year <= years.last)) return undefined;
  try {
    return new Date(Temporal.Instant.from(iso).epochMilliseconds);
  } catch {
    return undefined;
  }
}
