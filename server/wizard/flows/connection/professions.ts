import type { Option, Target } from '../../flow.ts';

/**
 * The professions that have an Ordre: code in the nomenclature TRE_G15, and the Ordre that registers them.
 * Source: nomenclatures of the Agence du numérique en santé (OID 1.2.250.1.71.1.2.7).
 */
const withOrdre = [
  { id: 'doctor', profession: '10', authority: 'cnom' },
  { id: 'pharmacist', profession: '21', authority: 'cnop' },
  { id: 'dentist', profession: '40', authority: 'oncd' },
  { id: 'midwife', profession: '50', authority: 'cnosf' },
  { id: 'nurse', profession: '60', authority: 'oni' },
  { id: 'physiotherapist', profession: '70', authority: 'cnomk' },
  { id: 'podiatrist', profession: '80', authority: 'onpp' },
] as const;

/** An option for each profession with an Ordre, teaching the profession and the authority. */
export function professionsWithOrdre(to: Target): readonly Option[] {
  return withOrdre.map(({ id, profession, authority }) => ({ id, to, sets: { profession, authority } }));
}

/** An option for each of the same professions, teaching the profession only: for where nobody is sent to an authority. */
export function professionsOnly(to: Target): readonly Option[] {
  return withOrdre.map(({ id, profession }) => ({ id, to, sets: { profession } }));
}
