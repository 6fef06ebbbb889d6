import type { Dependencies } from '../dependencies.ts';
import { incidentBoxes } from '../incidents/incident-boxes.ts';
import { modes, type Practitioner, settings } from '../routing/practitioner-types.ts';
import { type RoutingQuestion, routeCase } from '../routing/route-case.ts';
import type { Language, Texts } from '../texts.ts';
import { sessionAddress } from '../wizard/question-page.ts';
import type { Walk } from '../wizard/sessions.ts';
import { knownOf, withFacts } from './ask-for-help.ts';
import { maxMessageLength } from './new-case.ts';
import { bothModes, type CaseFormValues, professionChoices } from './new-case-form.ts';

/** One line of the error summary; `field` is the element it leads to. */
export interface FormError {
  readonly field?: string;
  readonly message: string;
}

export interface CaseFormState {
  readonly values: CaseFormValues;
  readonly language: Language;
  readonly token: string;
  /** By field of the form. */
  readonly errors: Readonly<Partial<Record<string, string>>>;
  /** What the routing asked for when the form was sent. */
  readonly needs: readonly RoutingQuestion[];
  /** What stands in the way as a whole, rather than a field. */
  readonly refusal?: { readonly title: string; readonly detail: string };
}

/** A question of the form: asked, or known from the answers and open to change. */
interface ShownQuestion {
  readonly id: string;
  readonly legend: string;
  readonly hint?: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly value: string;
  readonly error: string | undefined;
  /** The label of what is known; absent for a question that is asked. */
  readonly known?: string;
}

/** What `templates/pages/case/form.hbs` shows: only what is not already known is asked. */
export async function caseFormPage(deps: Dependencies, walk: Walk, state: CaseFormState) {
  const { texts } = deps;
  const { language, values, errors, refusal } = state;
  const address = sessionAddress(walk.session.id);
  const known = withFacts({}, knownOf(walk.replay));
  const route = routeCase(known, deps.clock.now(), await deps.routing.current());
  const needs = [...state.needs, ...(route.hotline === null ? route.needs : [])];
  const profession = professionQuestion(texts, state, known);
  const questions = [settingQuestion(texts, state, known, needs), modeQuestion(texts, state, known, needs)];
  const order = ['name', 'phone', 'email', 'setting', 'mode', 'profession', 'rpps', 'message'];
  const first = (field: string) => (field === 'setting' || field === 'mode' ? `${field}-0` : field);
  return {
    page: 'case',
    private: true,
    title: texts.say(language, 'case.form.title'),
    action: `${address}/demande`,
    back: address,
    token: state.token,
    // What may make a case needless; the pages before this one ask whether to wait for its end instead.
    incidents: incidentBoxes(await deps.incidents.current(), walk.replay.facts, language, deps.clock.now(), {
      days: deps.config.incidentAddressDays,
    }),
    values,
    fieldErrors: errors,
    errors: refusal
      ? [{ message: refusal.detail }]
      : order.flatMap((field): readonly FormError[] => {
          const message = errors[field];
          return message === undefined ? [] : [{ field: first(field), message }];
        }),
    heading: refusal?.title,
    questions: questions.filter((each) => each !== undefined),
    profession,
    messageHint: texts.say(language, 'case.form.message_hint', { limit: maxMessageLength }),
    languageSwitch: { form: 'case-form' },
  };
}

function settingQuestion(
  texts: Texts,
  { language, values, errors }: CaseFormState,
  known: Practitioner,
  needs: readonly RoutingQuestion[],
): ShownQuestion | undefined {
  const value = values.setting || known.setting || '';
  if (!value && !needs.includes('setting')) return undefined;
  const options = settings.map((each) => ({
    value: each,
    label: texts.say(language, `routing.settings.${each}`),
  }));
  return {
    id: 'setting',
    legend: texts.say(language, 'routing.questions.setting'),
    hint: texts.say(language, 'case.form.setting_hint'),
    options,
    value,
    error: errors.setting,
    ...knownAs(options, known.setting, value, errors.setting),
  };
}

function modeQuestion(
  texts: Texts,
  { language, values, errors }: CaseFormState,
  known: Practitioner,
  needs: readonly RoutingQuestion[],
): ShownQuestion | undefined {
  const value = values.mode || known.mode || '';
  const whichOfBoth = needs.includes('activity');
  if (!value && !needs.includes('mode')) return undefined;
  const offered = whichOfBoth ? ['L', 'S'] : [...modes, bothModes];
  const options = offered.map((each) => ({
    value: each,
    label: texts.say(language, each === bothModes ? 'case.form.both' : `routing.modes.${each}`),
  }));
  return {
    id: 'mode',
    legend: texts.say(language, `routing.questions.${whichOfBoth ? 'activity' : 'mode'}`),
    hint: texts.say(language, `case.form.${whichOfBoth ? 'activity' : 'mode'}_hint`),
    options,
    value,
    error: errors.mode,
    ...knownAs(options, known.mode, value, errors.mode),
  };
}

function professionQuestion(
  texts: Texts,
  { language, values, errors }: CaseFormState,
  known: Practitioner,
): ShownQuestion {
  const options = professionChoices.map((each) => ({
    value: each,
    label: texts.say(language, `routing.professions.${each}`),
  }));
  const value = values.profession || known.profession || '';
  return {
    id: 'profession',
    legend: texts.say(language, 'case.form.profession'),
    options,
    value,
    error: errors.profession,
    ...knownAs(options, known.profession, value, errors.profession),
  };
}

/** The label of a known answer, unless something is wrong with it: then the question is asked openly. */
function knownAs(
  options: ShownQuestion['options'],
  fact: string | undefined,
  value: string,
  error: string | undefined,
) {
  const label = options.find((each) => each.value === value)?.label;
  return fact === undefined || error !== undefined || label === undefined ? {} : { known: label };
}
