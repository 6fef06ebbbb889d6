import { createHash } from 'node:crypto';
import { parisDay } from '../../paris-day.ts';
import type { InjectionInput } from '../acts/injection-body.ts';
import type { Nir } from '../patients/nir.ts';
import { type NirDisagreement, nirDisagreements } from '../patients/nir-agrees.ts';
import type { NirVault } from '../patients/nir-vault.ts';
import { importReason } from '../patients/no-nir-reason.ts';
import { readNirGiven, readTraits, type TraitColumns } from '../patients/patient-traits.ts';
import type { VaccineList } from '../rules/vaccines.ts';
import { errorsOf, openRow } from './import-rows.ts';
import type { RowError, recordImportRows } from './imports.table.ts';
import { readImportRow } from './read-import-row.ts';

/** A row that can be read: all that is worked out without the database. */
export interface ReadyRow {
  readonly line: number;
  readonly rowId: string;
  /** Of the injection: the same for the same row, whoever of the structure sends it. */
  readonly idempotencyKey: string;
  readonly traits: TraitColumns;
  readonly noNirReason: string | null;
  /** Null without NIR. */
  readonly number: {
    readonly nir: Nir;
    readonly provisional: boolean;
    /** Digests under every key, and under the current one. */
    readonly indexes: readonly Buffer[];
    readonly blindIndex: Buffer;
  } | null;
  readonly injection: InjectionInput;
  /** What the NIR and the identity say otherwise of each other: told of a person who is recorded with it. */
  readonly doubts: readonly RowError[];
}

export interface UnreadableRow {
  readonly line: number;
  readonly rowId: string | null;
  readonly errors: readonly RowError[];
}

export type PreparedRow = ReadyRow | UnreadableRow;

/** Opens and reads a stored row. @throws Error when its key is gone. */
export function prepareRow(
  stored: typeof recordImportRows.$inferSelect,
  vault: NirVault,
  vaccines: VaccineList,
  now: Date,
): PreparedRow {
  const { line, rowId, actingFor, centre } = stored;
  const read = readImportRow(openRow(stored, vault), vaccines, centre);
  if ('errors' in read) return { line, rowId, errors: read.errors };
  const { nir, ...named } = read.patient;
  const traits = readTraits(named, parisDay(now));
  const given = readNirGiven(nir === undefined ? { noNirReason: importReason } : { nir });
  if ('errors' in traits || 'errors' in given || rowId === null) {
    const errors = [traits, given].flatMap((each) => ('errors' in each ? errorsOf(each.errors) : []));
    return { line, rowId, errors };
  }
  const { nir: number, provisional, noNirReason } = given.value;
  return {
    line,
    rowId,
    idempotencyKey: `import-${createHash('sha256').update(`${actingFor}\0${centre}\0${rowId}`).digest('base64url')}`,
    traits: traits.value,
    noNirReason,
    number:
      number === null
        ? null
        : { nir: number, provisional, indexes: vault.indexes(number), ...vault.index(number) },
    injection: read.injection,
    doubts: number === null ? [] : nirDisagreements(number, traits.value).map(doubtOf),
  };
}

function doubtOf(part: NirDisagreement): RowError {
  return { field: part === 'sex' ? 'sex' : 'birthDate', key: `records-patients.warnings.${part}` };
}
