import type { Condition, Facts, LookUp } from '../../flow.ts';

/** Who the directory may know by an RPPS number; the last two hold several professions, and must say which. */
const people: readonly Facts[] = [
  { profession: '10', authority: 'cnom' },
  { profession: '21', authority: 'cnop' },
  { profession: '40', authority: 'oncd' },
  { profession: '50', authority: 'cnosf' },
  { profession: '60', authority: 'oni' },
  { profession: '70', authority: 'cnomk' },
  { profession: '80', authority: 'onpp' },
  { profession: 'other', authority: 'ars' },
  { profession: '10', authority: 'ssa' },
  { authority: 'ssa' },
  {},
];

/** Whoever has an ADELI number alone goes another way. */
const byAdeli: Facts = { identifier: 'adeli', profession: 'other', authority: 'ars' };

/** How and where the directory may say that somebody practises; the first is nothing, as for stand-ins and students. */
const practices: readonly Facts[] = [
  {},
  { mode: 'L', setting: 'practice' },
  { mode: 'S', setting: 'practice' },
  { mode: 'S', setting: 'establishment' },
  { mode: 'L' },
  { mode: 'S' },
  { mode: 'B' },
  { practises: 'both' },
  { practises: 'both', setting: 'practice' },
  { practises: 'both', setting: 'establishment' },
  { practises: 'both', in_practice: 'L' },
  { practises: 'both', in_practice: 'S' },
  { setting: 'practice' },
];

const nurse: Facts = { profession: '60', authority: 'oni' };
const inPractice: Facts = { mode: 'L', setting: 'practice' };

/**
 * What a look-up may find: everybody who may be found, in independent practice, then every way to practise, for a
 * nurse. Who somebody is and how they practise lead on independently (connection.test.ts walks all their mixes too), so
 * that their product need not be listed path by path.
 */
export const lookUpNumber: LookUp = {
  field: 'number',
  mayFind: [
    ...people.map((who) => ({ ...who, ...inPractice })),
    ...practices.map((how) => ({ ...nurse, ...how })),
    { ...byAdeli, ...inPractice },
    byAdeli,
  ],
};

/** Every mix of who may be found and how they may practise. */
export const everyFinding: readonly Facts[] = [...people, byAdeli].flatMap((who) =>
  practices.map((how) => ({ ...who, ...how })),
);

export const professionKnown: Condition = {
  fact: 'profession',
  in: ['10', '21', '40', '50', '60', '70', '80', 'other', 'none'],
};
