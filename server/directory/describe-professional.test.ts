import { describe, expect, it } from 'vitest';
import { cartesian, theNotice } from '../routing/builders.ts';
import { routeCase } from '../routing/route-case.ts';
import { describeProfessional } from './describe-professional.ts';
import type { DirectoryActivity, Professional } from './find-professional.ts';

const monday = new Date('2026-11-23T10:00:00+01:00');

/** An independent nurse's line, with what the test is about instead. */
function aLine(changes: Partial<DirectoryActivity> = {}): DirectoryActivity {
  return {
    profession: '60',
    category: 'C',
    mode: 'L',
    sector: 'SA07',
    siteFiness: null,
    authority: 'ONI',
    ...changes,
  };
}

function describeLines(...activities: readonly DirectoryActivity[]) {
  const professional: Professional = {
    identifier: { kind: 'rpps', number: '10000000413' },
    familyName: 'MARTIN',
    givenName: 'Marie',
    activities,
  };
  return describeProfessional(professional);
}

const lineOf = (...lines: readonly DirectoryActivity[]) =>
  routeCase(describeLines(...lines).practitioner, monday, theNotice());

const independent = aLine();
const salaried = aLine({ mode: 'S', sector: 'SA01', siteFiness: '330781196' });
/** Stand-ins and students: a line without mode, place or sector. */
const none = aLine({ mode: null, sector: null });

describe('somebody in the directory', () => {
  it('with one activity needs to be asked nothing', () => {
    expect(describeLines(independent)).toEqual({
      familyName: 'MARTIN',
      givenName: 'Marie',
      professions: [{ code: '60', inTraining: false, military: false }],
      profession: { code: '60', inTraining: false, military: false },
      mode: 'L',
      setting: 'practice',
      authority: 'oni',
      ambiguous: [],
      practitioner: { rpps: '10000000413', profession: '60', activities: [{ mode: 'L', sector: 'SA07' }] },
    });
    expect(lineOf(independent)).toMatchObject({ hotline: 'liberaux' });
  });

  it('who is salaried and independent is asked for which, whichever line comes first', () => {
    for (const lines of [
      [independent, salaried],
      [salaried, independent],
    ]) {
      const { mode, setting, ambiguous } = describeLines(...lines);
      expect({ mode, setting, ambiguous }).toEqual({
        mode: undefined,
        setting: undefined,
        ambiguous: ['mode', 'setting'],
      });
      expect(lineOf(...lines)).toMatchObject({ hotline: null, needs: ['activity'] });
    }
  });

  it('who has no activity is asked where and how they practise', () => {
    const { mode, setting, ambiguous, practitioner } = describeLines(none);
    expect({ mode, setting, ambiguous }).toEqual({
      mode: undefined,
      setting: undefined,
      ambiguous: ['mode', 'setting'],
    });
    expect(practitioner).not.toHaveProperty('activities');
    expect(lineOf(none)).toMatchObject({ hotline: null, needs: ['setting', 'mode'] });
  });

  it('with a line without activity beside one with has that one', () => {
    expect(describeLines(none, independent)).toMatchObject({ mode: 'L', ambiguous: [] });
  });

  it('whose activities agree is not asked, be they ten', () => {
    const lines = Array.from({ length: 10 }, (_, n) =>
      aLine({ mode: 'S', sector: 'SA01', siteFiness: `33078119${n}` }),
    );
    expect(describeLines(...lines)).toMatchObject({ mode: 'S', setting: 'establishment', ambiguous: [] });
    expect(lineOf(...lines)).toMatchObject({ hotline: 'etablissements' });
  });

  it('whose sector names no kind of place is asked for it', () => {
    expect(describeLines(aLine({ sector: 'SA99' }))).toMatchObject({
      setting: undefined,
      ambiguous: ['setting'],
    });
    expect(describeLines(salaried, aLine({ mode: 'S', sector: 'SA05' })).ambiguous).toEqual(['setting']);
  });

  it('gives routing no more than it takes', () => {
    const lines = Array.from({ length: 80 }, (_, n) => aLine({ siteFiness: String(330_000_000 + n) }));
    expect(describeLines(...lines).practitioner.activities).toHaveLength(50);
    const odd = describeLines(aLine({ mode: 'X', sector: 'x' }), aLine({ sector: 'odd' }));
    expect(odd.practitioner.activities).toEqual([{ mode: 'L' }]);
  });
});

describe('a profession', () => {
  it('in training is told by the category, whatever the code', () => {
    for (const code of ['10', '21', '40', '50']) {
      expect(describeLines(aLine({ profession: code, category: 'E' })).profession).toEqual({
        code,
        inTraining: true,
        military: false,
      });
      expect(describeLines(aLine({ profession: code, category: 'C' })).profession?.inTraining).toBe(false);
    }
  });

  it('is no longer in training once it is held, whichever line comes first', () => {
    const [student, doctor] = [
      aLine({ profession: '10', category: 'E' }),
      aLine({ profession: '10', category: 'C' }),
    ];
    expect(describeLines(student, doctor).profession?.inTraining).toBe(false);
    expect(describeLines(doctor, student).profession?.inTraining).toBe(false);
  });

  it('is asked for when there are two, or none', () => {
    const two = describeLines(aLine(), aLine({ profession: '70', authority: 'CNOMK' }));
    expect(two.professions.map(({ code }) => code)).toEqual(['60', '70']);
    expect(two).toMatchObject({
      profession: undefined,
      authority: undefined,
      ambiguous: ['profession', 'authority'],
    });
    expect(two.practitioner).not.toHaveProperty('profession');
    expect(describeLines(aLine({ profession: null, authority: null })).ambiguous).toEqual([
      'profession',
      'authority',
    ]);
  });
});

describe('the registration authority', () => {
  it.each([
    ['CNOM', 'cnom'],
    ['CNOP', 'cnop'],
    ['CNOCD', 'oncd'],
    ['CNOSF', 'cnosf'],
    ['CNOI', 'oni'],
    ['CNOMK', 'cnomk'],
    ['CNOPP', 'onpp'],
    ['ars', 'ars'],
    ['SSA', 'ssa'],
  ])('that the directory calls %s is %s', (authority, known) => {
    expect(describeLines(aLine({ authority })).authority).toBe(known);
  });

  it('follows from the profession when the directory names none that is known', () => {
    for (const authority of [null, '', 'MINISTERE']) {
      expect(describeLines(aLine({ authority })).authority).toBe('oni');
      expect(describeLines(aLine({ authority, profession: '91' })).authority).toBe('ars');
    }
  });

  it('of the armed forces is their health service, whoever the directory names', () => {
    expect(describeLines(aLine({ category: 'M', authority: 'CNOM' })).authority).toBe('ssa');
  });
});

describe('every pair of activities', () => {
  const modes = ['L', 'S', 'B', null];
  const sectors = ['SA01', 'SA07', 'SA33', null];
  it.each(cartesian({ one: modes, other: modes, here: sectors, there: sectors }))(
    'is routed the same from either end: %j',
    ({ one, other, here, there }) => {
      const [a, b] = [aLine({ mode: one, sector: here }), aLine({ mode: other, sector: there })];
      expect(lineOf(a, b)).toEqual(lineOf(b, a));
      expect({ ...describeLines(a, b), practitioner: null }).toEqual({
        ...describeLines(b, a),
        practitioner: null,
      });
    },
  );
});
