/**
 * Purpose: what a professional's lines in the directory mean for routing and pre-filling, and what they leave open.
 * Entry points: `describeProfessional`.
 * May import: types of this folder, server/routing's practitioners.
 *
 * Pure. No line counts more than another: where lines differ, or say nothing, the answer is to ask.
 */
import {
  type Activity,
  modes as everyMode,
  type Mode,
  type Practitioner,
  type RegistrationAuthority,
  registrationAuthority,
  type Setting,
  settingOfSector,
} from '../routing/practitioner-types.ts';
import type { DirectoryActivity, Professional } from './find-professional.ts';

export interface ProfessionHeld {
  /** TRE_G15. */
  readonly code: string;
  /** Told by the category and not by the code, which those in training share with the profession. */
  readonly inTraining: boolean;
  readonly military: boolean;
}

/** What must be asked, since the directory tells several things about it, or nothing. */
export type Ambiguity = 'profession' | 'mode' | 'setting' | 'authority';

export interface ProfessionalDescription {
  readonly familyName: string | null;
  readonly givenName: string | null;
  /** Each once, by code. */
  readonly professions: readonly ProfessionHeld[];
  /** The profession, when there is one only. */
  readonly profession: ProfessionHeld | undefined;
  /** How they practise, when all activities agree. */
  readonly mode: Mode | undefined;
  /** The kind of place, when all activities name the same. A vaccination centre has no code: it is never told. */
  readonly setting: Setting | undefined;
  /** Who holds their contact details, when all professions have the same. */
  readonly authority: RegistrationAuthority | undefined;
  readonly ambiguous: readonly Ambiguity[];
  /** What `routeCase` takes: it decides when all activities lead to one line, and says what to ask otherwise. */
  readonly practitioner: Practitioner;
}

/** Says what can be filled in for somebody, and what must be asked. */
export function describeProfessional({
  identifier,
  familyName,
  givenName,
  activities: lines,
}: Professional): ProfessionalDescription {
  const activities = routingActivities(lines);
  const professions = professionsHeld(lines);
  const profession = only(professions);
  const mode = only(distinct(activities.map((activity) => activity.mode)));
  const settings = activities.map(({ sector }) => settingOfSector(sector));
  const setting = only(distinct(settings));
  const authority = only(distinct(lines.flatMap((line) => authorityOf(line) ?? [])));
  const known = { profession, mode, setting, authority };
  return {
    familyName,
    givenName,
    professions,
    ...known,
    ambiguous: ambiguities.filter((each) => known[each] === undefined),
    practitioner: {
      ...(identifier.kind === 'rpps' && { rpps: identifier.number }),
      ...(profession && { profession: profession.code }),
      ...(activities.length > 0 && { activities }),
    },
  };
}

const ambiguities: readonly Ambiguity[] = ['profession', 'mode', 'setting', 'authority'];

/** As many activities as a practitioner may have in a request. */
const mostActivities = 50;

/** The activities that say how somebody practises, each once, as routing takes them. */
function routingActivities(lines: readonly DirectoryActivity[]): readonly Activity[] {
  const activities = lines.flatMap(({ mode: code, sector, siteFiness }): Activity[] => {
    const mode = everyMode.find((each) => each === code);
    if (!mode) return [];
    return [
      {
        mode,
        ...(sector !== null && /^[A-Z]{2}[0-9]{2}$/.test(sector) && { sector }),
        ...(siteFiness !== null && { finess: siteFiness }),
      },
    ];
  });
  const seen = new Map(activities.map((activity) => [JSON.stringify(activity), activity]));
  return [...seen.values()].slice(0, mostActivities);
}

function professionsHeld(lines: readonly DirectoryActivity[]): readonly ProfessionHeld[] {
  const held = new Map<string, ProfessionHeld>();
  for (const { profession: code, category } of lines) {
    if (code === null) continue;
    const found = held.get(code);
    held.set(code, {
      code,
      // Whoever also has a line as a qualified professional no longer is in training.
      inTraining: category === 'E' && found?.inTraining !== false,
      military: category === 'M' || found?.military === true,
    });
  }
  return [...held.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** What the directory calls the authorities. */
const authorityNames: ReadonlyMap<string, RegistrationAuthority> = new Map([
  ['CNOM', 'cnom'],
  ['CNOP', 'cnop'],
  ['ONCD', 'oncd'],
  ['CNOCD', 'oncd'],
  ['CNOSF', 'cnosf'],
  ['ONI', 'oni'],
  ['CNOI', 'oni'],
  ['CNOMK', 'cnomk'],
  ['ONPP', 'onpp'],
  ['CNOPP', 'onpp'],
  ['ARS', 'ars'],
  ['SSA', 'ssa'],
]);

/** Who registered this line: the armed forces' own people, then as the directory says, then by profession. */
function authorityOf({
  authority,
  profession,
  category,
}: DirectoryActivity): RegistrationAuthority | undefined {
  if (category === 'M') return 'ssa';
  const named = authorityNames.get(authority?.toUpperCase() ?? '');
  if (named) return named;
  return profession === null ? undefined : registrationAuthority(profession, category ?? undefined);
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

/** The value, when it is the only one. */
function only<T>(values: readonly T[]): T | undefined {
  return values.length === 1 ? values[0] : undefined;
}
