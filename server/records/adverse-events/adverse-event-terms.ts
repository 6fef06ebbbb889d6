import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { formField } from '../../http/forms.ts';
import { type Terminologies, terminologyName } from '../../terminologies.ts';
import type { TextParameters } from '../../texts.ts';
import { CodedTerm, maxTerms } from './adverse-event-body.ts';
import type { EventValues } from './adverse-event-form.ts';

type Term = Static<typeof CodedTerm>;

/** The fields of a row, in the words of the command. */
const parts = ['system', 'code', 'display'] as const;

/** The name of a field of the form, and its id: `terms-0-code`. */
const nameOf = (row: number, part: (typeof parts)[number]) => `terms-${row}-${part}`;

/** The rows that a form holds, empty ones too, one after the other. */
function rowsOf(values: EventValues): readonly Term[] {
  const rows: Term[] = [];
  while (rows.length < maxTerms && values[nameOf(rows.length, 'code')] !== undefined) {
    const at = (part: (typeof parts)[number]) => values[nameOf(rows.length, part)] ?? '';
    rows.push({ system: at('system'), code: at('code'), display: at('display') });
  }
  return rows;
}

function valuesOf(rows: readonly Term[]): EventValues {
  return Object.fromEntries(
    rows.flatMap((row, index) => parts.map((part) => [nameOf(index, part), row[part]])),
  );
}

/** What a form holds of coded terms, as typed, but for spaces that say nothing. */
export function readTerms(body: unknown): EventValues {
  const names = Array.from({ length: maxTerms }, (_, row) => parts.map((part) => nameOf(row, part))).flat();
  return Object.fromEntries(
    names.flatMap((name) => {
      const typed = formField(body, name);
      return typed === undefined ? [] : [[name, typed.trim().replaceAll(/\s+/g, ' ')]];
    }),
  );
}

/** The terms of an event that stands, for its form. */
export function fromTerms(terms: readonly Term[]): EventValues {
  return valuesOf(terms);
}

/** What was typed, with one more row to fill in. */
export function withOneMoreTerm(values: EventValues): EventValues {
  const rows = shownRows(values);
  return { ...values, ...valuesOf([...rows, { system: '', code: '', display: '' }].slice(0, maxTerms)) };
}

/** The rows in the words of the command. One without a code and without words is no term, and says nothing. */
export function toTerms(
  values: EventValues,
  fault: (path: string, key: string, parameters: TextParameters) => void,
): Term[] {
  return rowsOf(values).flatMap((row, index) => {
    const { system, code, display } = row;
    if (code === '' && display === '') return [];
    const check = (part: (typeof parts)[number], missing: string) => {
      const path = `terms/${index}/${part}`;
      const parameters = { number: index + 1 };
      if (row[part] === '') fault(path, missing, parameters);
      else if (!Value.Check(CodedTerm.properties[part], row[part]))
        fault(path, `${missing}_wrong`, parameters);
    };
    check('system', 'terminology');
    check('code', 'code');
    check('display', 'wording');
    return [{ system, code, display }];
  });
}

/**
 * The rows for `records/adverse-event-terms`: at least one, each with the terminologies to choose from. One that a
 * program sent, of a terminology that nobody here named, is among those of its row.
 */
export function termFields(
  terminologies: Terminologies,
  values: EventValues,
  {
    errors,
    choose,
    added,
  }: { readonly errors: Readonly<Record<string, string>>; readonly choose: string; readonly added: boolean },
) {
  const systems = Object.keys(terminologies);
  const rows = systems.length > 0 ? shownRows(values) : rowsOf(values);
  return {
    terms: rows.map(({ system }, index) => ({
      number: index + 1,
      fields: Object.fromEntries(
        parts.map((part) => {
          const id = nameOf(index, part);
          return [part, { id, value: values[id] ?? '', error: errors[id] }];
        }),
      ),
      // With one alone there is nothing to choose.
      system: system || (systems.length === 1 ? systems[0] : ''),
      empty: systems.length === 1 ? '' : choose,
      // The row that was just asked for.
      autofocus: added && index === rows.length - 1,
      systems: [...new Set([...systems, ...(system === '' ? [] : [system])])].map((value) => ({
        value,
        label: terminologyName(terminologies, value),
      })),
    })),
    moreTerms: systems.length > 0 && rows.length < maxTerms,
  };
}

/** A form has a row to fill in from the start. */
function shownRows(values: EventValues): readonly Term[] {
  const rows = rowsOf(values);
  return rows.length > 0 ? rows : [{ system: '', code: '', display: '' }];
}

/** A term as people read it: its words, then the code and the name of its terminology. */
export function sayTerm(terminologies: Terminologies, { system, code, display }: Term): string {
  return `${display} (${code}, ${terminologyName(terminologies, system)})`;
}
