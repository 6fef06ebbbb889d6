import { formField } from '../http/forms.ts';
import type { FieldProblem } from '../problem.ts';
import { modes, noProfession, professions, settings } from '../routing/practitioner-types.ts';
import type { Language } from '../texts.ts';
import type { NewCaseBody } from './new-case.ts';

/** What the case form holds, as typed. */
export const caseFormFields = [
  'name',
  'phone',
  'email',
  'setting',
  'mode',
  'profession',
  'rpps',
  'message',
] as const;
export type CaseFormField = (typeof caseFormFields)[number];

export type CaseFormValues = Readonly<Record<CaseFormField, string>> & { readonly followUps: boolean };

/** Salaried and independent: what the form offers, and the API says by `activities`. */
export const bothModes = 'both';

/** What a profession is chosen from: code of TRE_G15, `other`, or `none`. */
export const professionChoices: readonly string[] = [
  ...professions.map(({ code }) => code),
  'other',
  noProfession,
];

export const emptyCaseForm: CaseFormValues = readCaseForm({});

/** The form as it was sent; a field sent twice, or not as text, counts as not filled in. */
export function readCaseForm(body: unknown): CaseFormValues {
  const read = (name: string) => formField(body, name) ?? '';
  return {
    name: read('name'),
    phone: read('phone'),
    email: read('email'),
    setting: read('setting'),
    mode: read('mode'),
    profession: read('profession'),
    rpps: read('rpps'),
    message: read('message'),
    followUps: read('followUps') === 'yes',
  };
}

/**
 * The form as the API's body, so that both pass the same checks. What was chosen from a list is checked here: the API's
 * schema does it for programs.
 */
export function toNewCase(
  values: CaseFormValues,
  language: Language,
): { readonly body: NewCaseBody } | { readonly errors: readonly FieldProblem[] } {
  const { name, phone, email, rpps, message, followUps, profession } = values;
  const setting = settings.find((each) => each === values.setting);
  const mode = modes.find((each) => each === values.mode);
  const both = values.mode === bothModes;
  const unlisted = [
    ...(values.setting && !setting ? ['/practitioner/setting'] : []),
    ...(values.mode && !mode && !both ? ['/practitioner/mode'] : []),
    ...(profession && !professionChoices.includes(profession) ? ['/practitioner/profession'] : []),
  ];
  if (unlisted.length > 0) {
    return { errors: unlisted.map((path) => ({ path, key: 'problems.fields.enum' })) };
  }
  return {
    body: {
      contact: { name, phone, email, language },
      practitioner: {
        rpps,
        ...(setting && { setting }),
        ...(mode && { mode }),
        ...(both && { activities: [{ mode: 'L' as const }, { mode: 'S' as const }] }),
        ...(profession && { profession }),
      },
      message,
      followUps,
    },
  };
}

/** Which field of the form a fault in the API's body is about; undefined for none of them. */
export function fieldOfPath(path: string): CaseFormField | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return caseFormFields.find((each) => each === name);
}
