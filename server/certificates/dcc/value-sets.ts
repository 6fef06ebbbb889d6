import { readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

/** A code of one of the certificate's value sets. */
export interface CodedValue {
  readonly code: string;
  /** As printed; the same in every language. */
  readonly display: string;
  /** The first day on which a certificate may be issued with it, and the day on which it no more may; one that was ever valid is read. */
  readonly validFrom?: string;
  readonly validTo?: string;
}

/** A vaccine with all that a certificate says of it. */
export interface Vaccine extends CodedValue {
  /** Code of `prophylaxis`. */
  readonly prophylaxis: string;
  /** Code of `makers`; undefined while none is known, and no certificate is then issued. */
  readonly maker?: string;
}

const CodedValueSchema = Type.Object({
  code: Type.String({ minLength: 1 }),
  display: Type.String({ minLength: 1 }),
  validFrom: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
  validTo: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
});

/** The sets are dated data, in a file beside: a new value is a line there. */
const sets: unknown = JSON.parse(readFileSync(new URL('./value-sets.json', import.meta.url), 'utf8'));
const SetsSchema = Type.Object({
  diseases: Type.Array(CodedValueSchema),
  prophylaxis: Type.Array(CodedValueSchema),
  makers: Type.Array(CodedValueSchema),
  vaccines: Type.Array(
    Type.Intersect([
      CodedValueSchema,
      Type.Object({ prophylaxis: Type.String(), maker: Type.Optional(Type.String()) }),
    ]),
  ),
});
if (!Value.Check(SetsSchema, sets)) throw new Error('value-sets.json has not the form of the value sets');

/** Disease or agent targeted (`tg`), SNOMED CT. */
export const diseases: readonly CodedValue[] = sets.diseases;

/** Vaccine or prophylaxis (`vp`): SNOMED CT, and ATC codes that older certificates have. */
export const prophylaxis: readonly CodedValue[] = sets.prophylaxis;

/** Marketing authorisation holders (`ma`), as EMA numbers organisations. */
export const makers: readonly CodedValue[] = sets.makers;

/** Medicinal products (`mp`), by their number in the Union register. */
export const vaccines: readonly Vaccine[] = sets.vaccines;

/** The ATC code of the class, which the 2D-Doc names. */
export const atcCode = 'J07BN01';

/** The vaccine of a code of the Union register. */
export function findVaccine(code: string): Vaccine | undefined {
  return vaccines.find((each) => each.code === code);
}

/** The coded value of a set, whether or not it may still be issued. */
export function findValue(set: readonly CodedValue[], code: string): CodedValue | undefined {
  return set.find((each) => each.code === code);
}

/** Whether a certificate may be issued with the value on a day (`2021-12-31`). */
export function issuableOn({ validFrom, validTo }: CodedValue, day: string): boolean {
  return (validFrom === undefined || validFrom <= day) && (validTo === undefined || day < validTo);
}
