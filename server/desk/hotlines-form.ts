/**
 * Purpose: what the forms on a line have in common: fields as text, and the line's document as they want it.
 * Entry points: `LineForm`; hotlines-details.ts, hotlines-timetable.ts and hotlines-exception.ts are those there are.
 * May import: server/routing, server/problem.ts.
 */
import type { FieldProblem } from '../problem.ts';
import type { Wording } from '../routing/describe-hours.ts';
import type { HotlineDocument } from '../routing/hotline-document.ts';

export type Typed = Readonly<Record<string, string>>;

/** The document that a form asks for, and what could not be read; paths are `/<field of the form>`. */
export interface Wanted {
  readonly document: HotlineDocument;
  readonly errors: readonly FieldProblem[];
  /** The first date of what changes, where the form tells one. */
  readonly from?: string | null;
}

/** One of the forms by which a part of a line is edited. */
export interface LineForm {
  readonly fields: readonly string[];
  /** What the form holds for that part of the line; undefined when the line has no such part. */
  fill(document: HotlineDocument, part: string): Typed | undefined;
  apply(document: HotlineDocument, part: string, typed: Typed, wording: Wording): Wanted;
  /** Takes the part away; absent where it cannot be. */
  readonly remove?: (document: HotlineDocument, part: string) => HotlineDocument;
  /** The field of the form that a path into the document is about. */
  fieldOf(path: string, document: HotlineDocument): string;
}

/** The part of a line that is not there yet. */
export const newPart = 'new';

/** A date as it was typed; blank for none. */
export function typedDate(typed: string | undefined): string | null {
  return typed?.trim() || null;
}

export function fault(field: string, error: string): FieldProblem {
  return { path: `/${field}`, key: `desk-hotlines.errors.${error}` };
}
