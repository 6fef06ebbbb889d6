import type { Professional } from './professional.ts';

export const rights = [
  'patient.read',
  'patient.write',
  'consultation.record',
  'injection.record',
  'record.validate',
  'adverse_event.declare',
  'delegation.give',
  'entry.on_behalf',
  'summary.sign',
  'record.import',
  'records.supervise',
] as const;
/** Something that a professional may or may not do. */
export type Right = (typeof rights)[number];

/** One row of the configuration: who holds a right, from when to when. */
export interface RightRule {
  readonly right: Right;
  /** TRE_G15 code; `any` for every known profession, `none` for staff who have none. */
  readonly profession: string;
  /** Null: whichever, known or not. */
  readonly category: string | null;
  readonly mode: string | null;
  readonly byDelegation: boolean;
  readonly validFrom: Date;
  /** Not included; null: no end. */
  readonly validTo: Date | null;
}

/**
 * Why a right is refused; its sentences are those of its problem (`refusalCodes`).
 * - `profession-unknown`: the issuer says nothing of what they are;
 * - `date`: they would hold it at another time;
 * - `category`, `mode`: others of their profession hold it (in training, independent, salaried…);
 * - `staff`: those without a profession do not;
 * - `profession`: theirs does not.
 */
export type Refusal = 'profession-unknown' | 'date' | 'category' | 'mode' | 'staff' | 'profession';

/** The code of the problem that says each refusal. */
export const refusalCodes: Readonly<Record<Refusal, string>> = {
  'profession-unknown': 'may-not-profession-unknown',
  date: 'may-not-date',
  category: 'may-not-category',
  mode: 'may-not-mode',
  staff: 'may-not-staff',
  profession: 'may-not-profession',
};

export type Decision =
  /** `byDelegation`: only for what a professional delegated to them. */
  { readonly allowed: true; readonly byDelegation: boolean } | { readonly refused: Refusal };

/** Whether a professional, as what they act as now, may do something at that instant, by these rules; else why not. */
export function mayDo(
  { actingAs }: Pick<Professional, 'actingAs'>,
  right: Right,
  at: Date,
  rules: readonly RightRule[],
): Decision {
  if (!actingAs) return { refused: 'profession-unknown' };
  const { profession, category, mode } = actingAs;
  const ofProfession = rules.filter(
    (rule) =>
      rule.right === right &&
      (profession === null
        ? rule.profession === 'none'
        : rule.profession === 'any' || rule.profession === profession),
  );
  if (ofProfession.length === 0) return { refused: profession === null ? 'staff' : 'profession' };
  const inForce = ofProfession.filter(
    ({ validFrom, validTo }) => validFrom <= at && (validTo === null || at < validTo),
  );
  if (inForce.length === 0) return { refused: 'date' };
  const ofCategory = inForce.filter((rule) => rule.category === null || rule.category === category);
  if (ofCategory.length === 0) return { refused: 'category' };
  const held = ofCategory.filter((rule) => rule.mode === null || rule.mode === mode);
  if (held.length === 0) return { refused: 'mode' };
  return { allowed: true, byDelegation: held.every(({ byDelegation }) => byDelegation) };
}
