import type { Exercise, Structure } from './professional.ts';

/** A professional as their issuer describes them. */
export interface Described {
  /** `SubjectNameID`. */
  readonly nationalIdentifier: string;
  /** 11 digits; null when no identifier is made of an RPPS number. */
  readonly rpps: string | null;
  readonly familyName: string;
  readonly givenNames: string;
  /** One for each activity; one without structure for an exercise without activities; none when nothing is said. */
  readonly exercises: readonly Exercise[];
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the userinfo of Pro Santé Connect, whose absent values are `""`, whose `SubjectRefPro` may be missing or have any
 * part missing, and whose identifiers are not always RPPS numbers. What is not understood is left out, never guessed.
 * @returns undefined when it names nobody.
 */
export function readUserinfo(userinfo: unknown): Described | undefined {
  const claims = fields(userinfo);
  const nationalIdentifier = text(claims.SubjectNameID);
  if (nationalIdentifier === null) return undefined;
  const given = list(fields(claims.SubjectRefPro).exercices).map(fields);
  const exercises = given.flatMap(exercisesOf);
  const [first = {}] = given;
  return {
    nationalIdentifier,
    rpps: rppsIn(nationalIdentifier, list(claims.otherIds).map(fields)),
    familyName: text(claims.family_name) ?? text(first.nomDexercice) ?? nationalIdentifier,
    givenNames: text(claims.given_name) ?? text(first.prenomDexercice) ?? '',
    exercises: distinct(exercises.length > 0 ? exercises : exercisesOfRoles(claims.SubjectRole)),
  };
}

/** One exercise for each of its activities: the same profession is exercised in several places. */
function exercisesOf(exercise: Fields): readonly Exercise[] {
  const profession = code(exercise.codeProfession);
  const category = code(exercise.codeCategorieProfessionnelle);
  const activities = list(exercise.activities).map(fields);
  if (activities.length === 0) {
    // A stand-in: what they are is known, where they are is not.
    return profession === null ? [] : [anExercise({ profession, category })];
  }
  return activities.map((activity) => {
    const mode = code(activity.codeModeExercice);
    return anExercise({
      profession,
      category,
      mode: mode === 'L' || mode === 'S' || mode === 'B' ? mode : null,
      sector: code(activity.codeSecteurDactivite),
      role: code(activity.codeRole),
      structure: structureOf(activity),
    });
  });
}

/** `SubjectRole` says the profession when `SubjectRefPro` is missing: `10^1.2.250.1.213.1.1.5.5`. */
function exercisesOfRoles(roles: unknown): readonly Exercise[] {
  return list(roles).flatMap((role) => {
    const [profession] = (text(role) ?? '').split('^');
    return profession && /^\d{2}$/.test(profession) ? [anExercise({ profession })] : [];
  });
}

function anExercise(known: Partial<Omit<Exercise, 'key'>>): Exercise {
  const exercise = {
    profession: null,
    category: null,
    mode: null,
    sector: null,
    role: null,
    structure: null,
    ...known,
  };
  const { profession, category, mode, sector, structure } = exercise;
  const place =
    structure?.siteFiness ?? structure?.siret ?? structure?.legalFiness ?? structure?.name ?? null;
  return {
    key: [profession, category, mode, sector, place].map((part) => part ?? '').join('|'),
    ...exercise,
  };
}

function structureOf(activity: Fields): Structure | null {
  const structure = {
    name: text(activity.raisonSocialeSite),
    siteFiness: finess(activity.numeroFinessSite),
    // The odd key is the documented one; the regular one costs nothing to read.
    legalFiness: finess(
      activity.numeroFinessetablissementJuridique || activity.numeroFinessEtablissementJuridique,
    ),
    siret: matching(activity.numeroSiretSite, /^\d{14}$/),
  };
  return Object.values(structure).some((value) => value !== null) ? structure : null;
}

/** An 8 and eleven digits is an RPPS number as a national identifier; others may be listed beside it. */
function rppsIn(nationalIdentifier: string, others: readonly Fields[]): string | null {
  const listed = others.find(({ origine }) => text(origine)?.toUpperCase() === 'RPPS');
  const found =
    /^8(\d{11})$/.exec(nationalIdentifier) ?? /^8?(\d{11})$/.exec(text(listed?.identifiant) ?? '');
  return found?.[1] ?? null;
}

function distinct(exercises: readonly Exercise[]): readonly Exercise[] {
  return [...new Map(exercises.map((exercise) => [exercise.key, exercise])).values()];
}

function fields(value: unknown): Fields {
  // Checked: an object, whose members are all unknown.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Longer than any name or identifier that is one. */
const maxLength = 200;

function text(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  return trimmed === '' ? null : trimmed.slice(0, maxLength);
}

function matching(value: unknown, pattern: RegExp): string | null {
  const found = text(value)?.replaceAll(' ', '').toUpperCase() ?? '';
  return pattern.test(found) ? found : null;
}

const code = (value: unknown) => matching(value, /^[A-Z0-9]{1,10}$/);
const finess = (value: unknown) => matching(value, /^[0-9][0-9A-Z][0-9]{7}$/);
