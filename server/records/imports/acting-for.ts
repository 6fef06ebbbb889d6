import { type Professional, structureNumber } from '../../identity/professional.ts';

/**
 * Whose names of centres and identifiers of rows those of a file are: those of the structure acted for, by its number;
 * those of the professional alone who acts for none that has one. Colleagues who send the same file send it once, and
 * two practices may call a centre the same.
 * @returns `structure:750000011` or `professional:…`.
 */
export function actingForOf({ id, actingAs }: Pick<Professional, 'id' | 'actingAs'>): string {
  const number = structureNumber(actingAs?.structure);
  return number ? `structure:${number}` : `professional:${id}`;
}
