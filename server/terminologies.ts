/**
 * Purpose: the terminologies whose codes may be typed beside the account of an adverse event.
 * Entry points: `readTerminologies`, called by config.ts; `terminologyName`.
 * May import: nothing of the project.
 */
import { Type } from 'typebox';
import { Value } from 'typebox/value';

/** What a terminology is called, by the address that stands for it in coded data (a FHIR `system`). */
export type Terminologies = Readonly<Record<string, string>>;

/**
 * Those that need no licence to be named. An installation adds, renames or hides with
 * `TERMINOLOGIES='{"https://…":"…"}'`: MedDRA, for one, where it has the licence.
 */
const openTerminologies: Terminologies = { 'http://hl7.org/fhir/sid/icd-10': 'CIM-10 / ICD-10' };

const Names = Type.Record(
  Type.String({ pattern: '^(https?://|urn:)\\S{1,190}$' }),
  Type.String({ maxLength: 60 }),
  { additionalProperties: false },
);

/** The open ones, with those of `TERMINOLOGIES` put over them; what is wrong with it is added to `faults`. */
export function readTerminologies(json: string | undefined, faults: string[]): Terminologies {
  if (json === undefined) return openTerminologies;
  try {
    const names: unknown = JSON.parse(json);
    if (Value.Check(Names, names)) {
      const all = Object.entries({ ...openTerminologies, ...names });
      return Object.fromEntries(all.filter(([, name]) => name.trim() !== ''));
    }
    faults.push('TERMINOLOGIES: must be a JSON object of names by http://, https:// or urn: address');
  } catch {
    faults.push('TERMINOLOGIES: not JSON');
  }
  return openTerminologies;
}

/** What a terminology is called: its address, when nobody named it. */
export function terminologyName(terminologies: Terminologies, system: string): string {
  return (Object.hasOwn(terminologies, system) && terminologies[system]) || system;
}
