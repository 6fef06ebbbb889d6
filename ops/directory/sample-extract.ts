/**
 * Purpose: invents an open extract of any size in the exact format of the real one, the same for the same seed.
 * Entry points: `sampleExtract`, `samplePeople`; `npm run directory:sample` writes one to a file.
 * May import: server/directory/extract-format.ts.
 */
import { type ExtractColumn, extractColumns } from '#server/directory/extract-format.ts';
import {
  firstStreet,
  firstTown,
  placeNames,
  type SampleTown,
  sectors,
  streets,
  towns,
} from './sample-lists.ts';
import { type Chance, chance, withLuhnKey } from './sample-numbers.ts';
import { inventPerson, type SamplePerson, sampleStart } from './sample-people.ts';

export interface SampleOptions {
  /** How many lines besides the header. */
  readonly rows: number;
  /** Another seed invents other people; 1 unless told. */
  readonly seed?: number;
}

/** A stretch of text this long is handed over at once. */
const stretchLength = 128 * 1024;

/** The text of the extract, header first, in stretches that together are the file. Every line ends with `|`. */
export function* sampleExtract({ rows, seed = 1 }: SampleOptions): Generator<string> {
  const random = chance(seed);
  let text = `${extractColumns.join('|')}|\n`;
  let written = 0;
  for (let index = 0; written < rows; index++) {
    const person = sampleStart[index] ?? inventPerson(index, random);
    for (const row of rowsOf(person, random)) {
      if (written === rows) break;
      text += row;
      written += 1;
    }
    if (text.length < stretchLength) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** One row per activity and skill; one without any when there is no activity. */
function* rowsOf(person: SamplePerson, random: Chance): Generator<string> {
  const who = personFields(person);
  const activities = person.activities.length > 0 ? person.activities : [undefined];
  for (const activity of activities) {
    const where = activity ? placeFields(activity, random.below(places)) : noPlace;
    const how = activity ? modeFields[activity.mode] : noMode;
    const rest = `${person.authority}|${activity ? roleFields(activity) : noRole}\n`;
    for (const skill of person.skills.length > 0 ? person.skills : [undefined]) {
      yield who + (skill ? skillFields(skill) : noSkill) + how + where + rest;
    }
  }
}

type Values = Partial<Record<ExtractColumn, string>>;

/** The fields from one column to another, each followed by `|`; those without a value are blank. */
function fields(from: ExtractColumn, to: ExtractColumn, values: Values): string {
  let text = '';
  for (const column of extractColumns.slice(extractColumns.indexOf(from), extractColumns.indexOf(to) + 1)) {
    text += `${values[column] ?? ''}|`;
  }
  return text;
}

const categoryLabels = { C: 'Civil', M: 'Militaire', E: 'Etudiant' } as const;

function personFields(person: SamplePerson): string {
  const doctor = person.profession.code === '10' && person.category !== 'E';
  return fields("Type d'identifiant PP", 'Libellé catégorie professionnelle', {
    "Type d'identifiant PP": person.kind,
    'Identifiant PP': person.number,
    'Identification nationale PP': `${person.kind}${person.number}`,
    "Code civilité d'exercice": doctor ? 'DR' : '',
    "Libellé civilité d'exercice": doctor ? 'Docteur' : '',
    'Code civilité': person.female ? 'MME' : 'M',
    'Libellé civilité': person.female ? 'Madame' : 'Monsieur',
    "Nom d'exercice": person.familyName,
    "Prénom d'exercice": person.givenName,
    'Code profession': person.profession.code,
    'Libellé profession': person.profession.label,
    'Code catégorie professionnelle': person.category,
    'Libellé catégorie professionnelle': categoryLabels[person.category],
  });
}

function skillFields(skill?: readonly [string, string]): string {
  return fields('Code type savoir-faire', 'Libellé savoir-faire', {
    ...(skill && {
      'Code type savoir-faire': 'S',
      'Libellé type savoir-faire': 'Spécialité ordinale',
      'Code savoir-faire': skill[0],
      'Libellé savoir-faire': skill[1],
    }),
  });
}
const noSkill = skillFields();

function modes(code = '', label = ''): string {
  return fields('Code mode exercice', 'Libellé mode exercice', {
    'Code mode exercice': code,
    'Libellé mode exercice': label,
  });
}
const noMode = modes();
const modeFields = {
  L: modes('L', 'Libéral'),
  S: modes('S', 'Salarié'),
  B: modes('B', 'Bénévole'),
} as const;

type SampleActivity = SamplePerson['activities'][number];

/** How many addresses there are for each sector and mode. */
const places = 1500;

/** Writing an address takes longer than all the rest: each is written once. */
const written = new Map<string, string>();

function placeFields(activity: SampleActivity, place: number): string {
  const key = `${activity.mode}${activity.sector}${place}`;
  let text = written.get(key);
  if (text === undefined) {
    text = fields('Numéro SIRET site', 'Ancien identifiant de la structure', placeValues(activity, place));
    written.set(key, text);
  }
  return text;
}
const noPlace = fields('Numéro SIRET site', 'Ancien identifiant de la structure', {});

function placeValues({ mode, sector }: SampleActivity, place: number): Values {
  const town = towns[place % towns.length] ?? firstTown;
  const name = `${placeNames[sector]} ${town.name.toUpperCase()}`;
  const siren = withLuhnKey(String(30_000_000 + place * 7));
  // The directory rarely knows the FINESS number of an independent practice; pharmacies and clinics have one.
  const hasFiness = mode !== 'L' || sector === 'SA33' || place % 25 === 0;
  const site = finess(town, place);
  const [code, label, street] = streets[place % streets.length] ?? firstStreet;
  const large = place % 12 === 0;
  // Of many practices the directory tells no more than their address.
  const bare = mode === 'L' && place % 3 === 0;
  return {
    'Numéro SIRET site': withLuhnKey(`${siren}${String(place % 9999).padStart(4, '0')}`),
    'Numéro SIREN site': large ? siren : '',
    'Numéro FINESS site': hasFiness ? site : '',
    'Numéro FINESS établissement juridique': hasFiness ? finess(town, place + 50_000) : '',
    'Identifiant technique de la structure': hasFiness ? `F${site}` : `R${10_000_000_000_000 + place}`,
    'Raison sociale site': name,
    'Enseigne commerciale site': large ? `${name} ${place}` : '',
    'Complément destinataire (coord. structure)': large ? 'SERVICE DES VACCINATIONS' : '',
    'Numéro Voie (coord. structure)': String(1 + (place % 120)),
    'Code type de voie (coord. structure)': code,
    'Libellé type de voie (coord. structure)': label,
    'Libellé Voie (coord. structure)': street,
    'Bureau cedex (coord. structure)': large ? `${town.postCode} ${town.name.toUpperCase()} CEDEX` : '',
    'Code postal (coord. structure)': town.postCode,
    'Code commune (coord. structure)': bare ? '' : town.commune,
    'Libellé commune (coord. structure)': bare ? '' : town.name,
    'Code pays (coord. structure)': large ? '99000' : '',
    'Libellé pays (coord. structure)': large ? 'France' : '',
    // 01 99 00 is kept for fiction, and so is the domain.
    'Téléphone (coord. structure)': place % 3 === 1 ? `019900${String(place % 10_000).padStart(4, '0')}` : '',
    'Adresse e-mail (coord. structure)': large ? `contact.${place}@exemple.test` : '',
    'Code Département (structure)': bare ? '' : town.department,
    'Libellé Département (structure)': bare ? '' : town.departmentName,
    'Ancien identifiant de la structure': hasFiness ? `1${site}` : '',
  };
}

function roleFields({ mode, sector }: SampleActivity): string {
  const owner = mode === 'L';
  return fields("Code secteur d'activité", 'Libellé genre activité', {
    "Code secteur d'activité": sector,
    "Libellé secteur d'activité": sectors[sector] ?? '',
    ...(sector === 'SA33' && {
      'Code section tableau pharmaciens': owner ? 'A' : 'D',
      'Libellé section tableau pharmaciens': owner
        ? "Pharmaciens titulaires d'officine"
        : "Pharmaciens adjoints d'officine",
    }),
    'Code rôle': owner ? 'FON-01' : '',
    'Libellé rôle': owner ? 'Titulaire de cabinet' : '',
    'Code genre activité': 'GENR01',
    'Libellé genre activité': 'Activité standard de soin ou de pharmacien',
  });
}
const noRole = fields("Code secteur d'activité", 'Libellé genre activité', {});

/** Nine characters; the key holds where all are digits. */
function finess({ department }: SampleTown, place: number): string {
  const body = `${department.slice(0, 2)}${String(place).padStart(6, '0')}`;
  return /^\d+$/.test(body) ? withLuhnKey(body) : `${body}${place % 10}`;
}
