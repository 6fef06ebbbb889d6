import type { Language, Texts } from '../texts.ts';
import type { Exercise } from './professional.ts';

/** An exercise in words, as a professional chooses it and sees it above every page. */
export interface ExerciseInWords {
  readonly key: string;
  /** The structure's name, or what stands for it. */
  readonly place: string;
  /** Profession, mode and sector, as far as they are known. */
  readonly detail: string;
  /** FINESS number of the site, or of its legal entity. */
  readonly finess: string | null;
}

export function describeExercise(texts: Texts, language: Language, exercise: Exercise): ExerciseInWords {
  const { key, profession, category, mode, sector, structure } = exercise;
  const known = (textKey: string, otherwise: string) =>
    texts.has(language, textKey) ? texts.say(language, textKey) : otherwise;
  const detail = [
    profession === null
      ? texts.say(language, 'identity.exercise.staff')
      : known(`routing.professions.${profession}`, profession),
    ...(category === 'M' || category === 'E' ? [texts.say(language, `identity.categories.${category}`)] : []),
    ...(mode ? [texts.say(language, `identity.modes.${mode}`)] : []),
    ...(sector ? [known(`identity.sectors.${sector}`, sector)] : []),
  ];
  const place =
    structure?.name ??
    structure?.siteFiness ??
    structure?.legalFiness ??
    texts.say(language, mode === 'L' ? 'identity.exercise.own_practice' : 'identity.exercise.no_structure');
  return {
    key,
    place,
    detail: detail.join(', '),
    finess: structure?.siteFiness ?? structure?.legalFiness ?? null,
  };
}
