import { type Static, Type } from 'typebox';
import { strictObject } from '../../http/validation.ts';
import type { Structure } from '../../identity/professional.ts';
import type { FieldProblem } from '../../problem.ts';
import { checkFiness } from '../../routing/practitioner-types.ts';
import { placeKinds } from './acts.table.ts';

/** Where an act took place, as a caller says it. */
export const PlaceBody = strictObject(
  {
    kind: Type.Enum([...placeKinds]),
    finess: Type.Optional(
      Type.String({ maxLength: 20, description: 'FINESS number of the site; required of an establishment' }),
    ),
    name: Type.Optional(Type.String({ maxLength: 200 })),
  },
  { title: 'ActPlace' },
);
export type PlaceInput = Static<typeof PlaceBody>;

/** As it is stored. */
export interface ActPlace {
  readonly placeKind: PlaceInput['kind'];
  readonly placeFiness: string | null;
  readonly placeName: string | null;
}

export type PlaceCheck =
  | { readonly place: ActPlace; readonly warnings: readonly FieldProblem[] }
  | { readonly errors: readonly FieldProblem[] };

/** A FINESS number is asked of establishments alone; its key may be wrong, which is told and not refused. */
export function checkPlace({ kind, finess, name }: PlaceInput): PlaceCheck {
  const path = '/place/finess';
  const typed = finess?.trim() ?? '';
  if (typed === '' && kind === 'establishment') {
    return { errors: [{ path, key: 'records-acts.errors.finess_missing' }] };
  }
  const checked = typed === '' ? undefined : checkFiness(typed);
  if (checked && !checked.ok) return { errors: [{ path, key: 'records-acts.errors.finess_format' }] };
  return {
    place: { placeKind: kind, placeFiness: checked?.value ?? null, placeName: name?.trim() || null },
    warnings: checked?.warning ? [{ path, key: 'records-acts.warnings.finess_key' }] : [],
  };
}

/**
 * By which numbers a delegation may name the structure in which an act took place: the place's own, and, when that is
 * the structure one acts for or no number was given, the others of that structure.
 */
export function structuresOf(placeFiness: string | null, structure: Structure | null): readonly string[] {
  const ours = [structure?.siteFiness, structure?.legalFiness, structure?.siret];
  if (placeFiness !== null && placeFiness !== structure?.siteFiness) return [placeFiness];
  return ours.filter((each) => typeof each === 'string');
}
