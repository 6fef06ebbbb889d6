import { describe, expect, it } from 'vitest';
import { readUserinfo } from './userinfo.ts';

const activity = {
  codeModeExercice: 'S',
  codeSecteurDactivite: 'SA01',
  codeRole: '',
  codeGenreActivite: '',
  numeroSiretSite: '',
  numeroFinessSite: '010000024',
  numeroFinessetablissementJuridique: '010008407',
  raisonSocialeSite: 'Centre hospitalier',
};
const claims = {
  SubjectNameID: '810100000014',
  given_name: 'Anne',
  family_name: 'Lefèvre',
  SubjectRole: ['10^1.2.250.1.213.1.1.5.5'],
  otherIds: [{ identifiant: '810100000014', origine: 'RPPS', qualite: 1 }],
  SubjectRefPro: {
    codeCivilite: 'MME',
    exercices: [{ codeProfession: '10', codeCategorieProfessionnelle: 'C', activities: [activity] }],
  },
};
const exercises = (changed: object) => readUserinfo({ ...claims, ...changed })?.exercises;
const withActivity = (changed: object) =>
  exercises({
    SubjectRefPro: {
      exercices: [{ ...claims.SubjectRefPro.exercices[0], activities: [{ ...activity, ...changed }] }],
    },
  })?.[0];

describe('the userinfo of Pro Santé Connect', () => {
  it('is read whole', () => {
    expect(readUserinfo(claims)).toEqual({
      nationalIdentifier: '810100000014',
      rpps: '10100000014',
      familyName: 'Lefèvre',
      givenNames: 'Anne',
      exercises: [
        {
          key: '10|C|S|SA01|010000024',
          profession: '10',
          category: 'C',
          mode: 'S',
          sector: 'SA01',
          role: null,
          structure: {
            name: 'Centre hospitalier',
            siteFiness: '010000024',
            legalFiness: '010008407',
            siret: null,
          },
        },
      ],
    });
  });

  it('gives one exercise for each activity of each exercise, each once, with keys that stay', () => {
    const exercices = [
      { codeProfession: '10', codeCategorieProfessionnelle: 'C', activities: [activity, activity] },
      {
        codeProfession: '10',
        codeCategorieProfessionnelle: 'C',
        activities: [{ ...activity, codeModeExercice: 'L', numeroFinessSite: '' }],
      },
      { codeProfession: '60', codeCategorieProfessionnelle: 'C', activities: [activity] },
    ];
    const keys = (order: readonly object[]) =>
      exercises({ SubjectRefPro: { exercices: order } })?.map(({ key }) => key);
    expect(keys(exercices)).toEqual([
      '10|C|S|SA01|010000024',
      '10|C|L|SA01|010008407',
      '60|C|S|SA01|010000024',
    ]);
    expect(new Set(keys(exercices.toReversed()))).toEqual(new Set(keys(exercices)));
  });

  it('takes an empty text for nothing', () => {
    const empty = Object.fromEntries(Object.keys(activity).map((name) => [name, '']));
    expect(withActivity(empty)).toMatchObject({ mode: null, sector: null, role: null, structure: null });
    expect(readUserinfo({ ...claims, given_name: '', family_name: ' ' })).toMatchObject({
      givenNames: '',
      familyName: '810100000014',
    });
  });

  it('knows the profession without any activity, and by the role when the reference is missing', () => {
    const nowhere = { mode: null, sector: null, structure: null, profession: '10' };
    const standIn = {
      exercices: [{ codeProfession: '10', codeCategorieProfessionnelle: 'C', activities: [] }],
    };
    expect(exercises({ SubjectRefPro: standIn })).toMatchObject([{ ...nowhere, category: 'C' }]);
    expect(exercises({ SubjectRefPro: undefined })).toMatchObject([{ ...nowhere, category: null }]);
    expect(exercises({ SubjectRefPro: undefined, SubjectRole: undefined })).toEqual([]);
    expect(exercises({ SubjectRefPro: {}, SubjectRole: ['', 'x^1', 7] })).toEqual([]);
  });

  it('reads the legal entity by either spelling, and leaves out what is no FINESS number', () => {
    expect(
      withActivity({
        numeroFinessetablissementJuridique: '',
        numeroFinessEtablissementJuridique: '2A0000014',
      }),
    ).toMatchObject({ structure: { legalFiness: '2A0000014' } });
    expect(withActivity({ numeroFinessSite: 'F010000024' })).toMatchObject({
      structure: { siteFiness: null },
    });
    expect(withActivity({ codeModeExercice: 'X' })).toMatchObject({ mode: null });
  });

  it.each([
    ['a sandbox identifier', 'ANS20210107161422', [], null],
    ['a staff identifier', '500000001815646/CPAT00045', [], null],
    ['an ADELI number', '0751234567', [{ identifiant: '751234567', origine: 'ADELI' }], null],
    [
      'a sandbox one beside an RPPS number',
      'ANS1',
      [{ identifiant: '810100000014', origine: 'RPPS' }],
      '10100000014',
    ],
    ['an RPPS number alone', '810100000014', [], '10100000014'],
    ['a broken list', '900000000000', 'none', null],
  ])('takes no other identifier for an RPPS number: %s', (_, SubjectNameID, otherIds, rpps) => {
    expect(readUserinfo({ ...claims, SubjectNameID, otherIds })).toMatchObject({
      nationalIdentifier: SubjectNameID,
      rpps,
    });
  });

  it.each([undefined, null, 'text', [], {}, { SubjectNameID: '' }, { SubjectNameID: 7 }])(
    'names nobody in %j',
    (userinfo) => {
      expect(readUserinfo(userinfo)).toBeUndefined();
    },
  );

  it.each([
    { SubjectRefPro: 'x' },
    { SubjectRefPro: { exercices: {} } },
    { SubjectRefPro: { exercices: [null, 'x', { activities: 'x' }, { activities: [null] }] } },
  ])('is not thrown off by %j', (changed) => {
    expect(readUserinfo({ ...claims, ...changed })?.nationalIdentifier).toBe('810100000014');
  });
});
