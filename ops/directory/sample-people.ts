import {
  commonNames,
  givenNames,
  nameBeginnings,
  nameEndings,
  professions,
  type SampleProfession,
} from './sample-lists.ts';
import { type Chance, sampleAdeli, sampleRpps } from './sample-numbers.ts';

export interface SamplePerson {
  /** `8` RPPS, `0` ADELI. */
  readonly kind: '8' | '0';
  readonly number: string;
  readonly female: boolean;
  readonly familyName: string;
  readonly givenName: string;
  readonly profession: SampleProfession;
  readonly category: 'C' | 'M' | 'E';
  readonly authority: string;
  readonly skills: readonly (readonly [string, string])[];
  readonly activities: readonly { readonly mode: 'L' | 'S' | 'B'; readonly sector: string }[];
}

const total = professions.reduce((sum, { share }) => sum + share, 0);

function drawProfession(random: Chance): SampleProfession {
  let place = random.below(total);
  for (const each of professions) {
    place -= each.share;
    if (place < 0) return each;
  }
  throw new Error('shares do not add up');
}

/** Somebody invented, whose identifier is that of `index`. */
export function inventPerson(index: number, random: Chance): SamplePerson {
  const profession = drawProfession(random);
  const inTraining = profession.trains && random.percent(9);
  const military = !inTraining && profession.authority !== 'ARS/ARS/ARS' && random.percent(0.4);
  const byAdeli = profession.authority === 'ARS/ARS/ARS' && index < 100_000 && random.percent(4);
  const given = random.below(givenNames.length);
  return {
    kind: byAdeli ? '0' : '8',
    number: byAdeli ? sampleAdeli('75', index) : sampleRpps(index),
    female: given < 20,
    familyName: random.percent(10)
      ? random.of(commonNames)
      : random.of(nameBeginnings) + random.of(nameEndings),
    givenName: givenNames[given] ?? '',
    profession,
    category: inTraining ? 'E' : military ? 'M' : 'C',
    authority: military ? 'SSA/SSA/SSA' : profession.authority,
    skills: profession.skills && !inTraining ? [random.of(profession.skills)] : [],
    activities: inTraining ? trainingOf(profession, random) : activitiesOf(profession, random),
  };
}

function activitiesOf({ ways, sectors }: SampleProfession, random: Chance): SamplePerson['activities'] {
  const [own, employer] = sectors;
  let place = random.below(100);
  const independent = { mode: 'L', sector: own } as const;
  const salaried = { mode: 'S', sector: employer } as const;
  /** Most have one place; hospitals, groups and home care have several. */
  const times = <Activity>(activity: Activity): Activity[] =>
    Array<Activity>(random.percent(72) ? 1 : 2 + random.below(3)).fill(activity);
  place -= ways.independent;
  if (place < 0) return times(independent);
  place -= ways.salaried;
  if (place < 0) return times(salaried);
  place -= ways.both;
  if (place < 0) return [...times(salaried), ...times(independent)];
  place -= ways.volunteer;
  return place < 0 ? [{ mode: 'B', sector: employer }] : [];
}

/** Interns work in a hospital; students are not known to work anywhere. */
function trainingOf({ sectors }: SampleProfession, random: Chance): SamplePerson['activities'] {
  return random.percent(45) ? [{ mode: 'S', sector: sectors[1] === 'SA33' ? 'SA33' : 'SA01' }] : [];
}

function known(index: number, person: Partial<SamplePerson> & { readonly code: string }): SamplePerson {
  const { code, ...rest } = person;
  const profession = professions.find((each) => each.code === code);
  if (!profession) throw new Error(`no sample profession ${code}`);
  return {
    kind: '8',
    number: sampleRpps(index),
    female: index % 2 === 0,
    familyName: commonNames[index] ?? 'MARTIN',
    givenName: givenNames[index] ?? 'Marie',
    profession,
    category: 'C',
    authority: profession.authority,
    skills: profession.skills?.slice(0, 1) ?? [],
    activities: [],
    ...rest,
  };
}

/** The situations that matter to routing, by name: the first people of every extract, whatever its seed. */
export const samplePeople = {
  independentNurse: known(0, { code: '60', activities: [{ mode: 'L', sector: 'SA07' }] }),
  hospitalDoctor: known(1, { code: '10', activities: [{ mode: 'S', sector: 'SA01' }] }),
  /** Salaried and independent: which one it is for must be asked. */
  doctorWithBoth: known(2, {
    code: '10',
    activities: [
      { mode: 'S', sector: 'SA01' },
      { mode: 'L', sector: 'SA08' },
    ],
  }),
  /** No activity at all. */
  standInDoctor: known(3, { code: '10' }),
  volunteerNurse: known(4, { code: '60', activities: [{ mode: 'B', sector: 'SA01' }] }),
  pharmacist: known(5, { code: '21', activities: [{ mode: 'L', sector: 'SA33' }] }),
  medicalStudent: known(6, { code: '10', category: 'E', skills: [] }),
  intern: known(7, { code: '10', category: 'E', skills: [], activities: [{ mode: 'S', sector: 'SA01' }] }),
  /** A profession without Ordre. */
  speechTherapist: known(8, { code: '91', activities: [{ mode: 'L', sector: 'SA07' }] }),
  /** Known by an ADELI number only. */
  psychologist: known(9, {
    code: '93',
    kind: '0',
    number: sampleAdeli('75', 9),
    activities: [{ mode: 'L', sector: 'SA07' }],
  }),
  militaryDoctor: known(10, {
    code: '10',
    category: 'M',
    authority: 'SSA/SSA/SSA',
    activities: [{ mode: 'S', sector: 'SA01' }],
  }),
  independentDoctor: known(11, { code: '10', activities: [{ mode: 'L', sector: 'SA07' }] }),
  /** Salaried and independent, as the doctor above. */
  nurseWithBoth: known(12, {
    code: '60',
    activities: [
      { mode: 'L', sector: 'SA07' },
      { mode: 'S', sector: 'SA01' },
    ],
  }),
} as const;

export const sampleStart: readonly SamplePerson[] = Object.values(samplePeople);
