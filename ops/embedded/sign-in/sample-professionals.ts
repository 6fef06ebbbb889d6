/** Somebody who can sign in to the test wallet, and what it says of them: the userinfo of Pro Santé Connect. */
export interface SampleProfessional {
  /** Names them on the sign-in page: texts `identity.wallet.people.<id>`. */
  readonly id: string;
  readonly claims: Readonly<Record<string, unknown>> & { readonly SubjectNameID: string };
}

const professionOid = '1.2.250.1.213.1.1.5.5';

/** An activity as Pro Santé Connect writes it: what is absent is `""`. */
function activity(known: Readonly<Record<string, string>>) {
  return {
    codeModeExercice: '',
    codeSecteurDactivite: '',
    codeSectionPharmacien: '',
    codeRole: '',
    codeGenreActivite: '',
    numeroSiretSite: '',
    numeroSirenSite: '',
    numeroFinessSite: '',
    numeroFinessetablissementJuridique: '',
    identifiantTechniqueStructure: '',
    raisonSocialeSite: '',
    enseigneCommercialeSite: '',
    ancienIdentifiantStructure: '',
    autoriteDenregistrement: '',
    ...known,
  };
}

interface Person {
  readonly id: string;
  readonly rpps: string;
  readonly given: string;
  readonly family: string;
  readonly profession: string;
  readonly category?: string;
  /** Undefined: `SubjectRefPro` is missing. */
  readonly activities?: readonly Readonly<Record<string, string>>[] | undefined;
}

function person({
  id,
  rpps,
  given,
  family,
  profession,
  category = 'C',
  activities,
}: Person): SampleProfessional {
  return {
    id,
    claims: {
      Secteur_Activite: '',
      SubjectNameID: `8${rpps}`,
      SubjectOrganization: '',
      SubjectRole: [`${profession}^${professionOid}`],
      PSI_Locale: '1.2.250.1.213.1.3.1.1',
      given_name: given,
      family_name: family,
      otherIds: [{ identifiant: `8${rpps}`, origine: 'RPPS', qualite: 1 }],
      ...(activities && {
        SubjectRefPro: {
          codeCivilite: 'M',
          exercices: [
            {
              codeProfession: profession,
              codeCategorieProfessionnelle: category,
              codeCiviliteDexercice: 'DR',
              nomDexercice: family,
              prenomDexercice: given,
              codeTypeSavoirFaire: '',
              codeSavoirFaire: '',
              activities: activities.map(activity),
            },
          ],
        },
      }),
    },
  };
}

const hospital = {
  codeModeExercice: 'S',
  codeSecteurDactivite: 'SA01',
  numeroFinessSite: '010000024',
  numeroFinessetablissementJuridique: '010008407',
  raisonSocialeSite: 'Centre hospitalier de Fleurville',
};

/** The situations that matter, each once. Nobody real: the numbers are made up, with a right key. */
export const sampleProfessionals: readonly SampleProfessional[] = [
  person({
    id: 'doctor',
    rpps: '10100000014',
    given: 'Anne',
    family: 'Lefèvre',
    profession: '10',
    activities: [
      {
        codeModeExercice: 'L',
        codeSecteurDactivite: 'SA07',
        raisonSocialeSite: 'Cabinet du docteur Lefèvre',
        numeroSiretSite: '12345678900011',
        autoriteDenregistrement: 'CNOM/CNOM/CNOM',
      },
    ],
  }),
  person({
    id: 'nurse',
    rpps: '10100000022',
    given: 'Karim',
    family: 'Benali',
    profession: '60',
    activities: [hospital],
  }),
  person({
    id: 'pharmacist',
    rpps: '10100000030',
    given: 'Sylvie',
    family: 'Moreau',
    profession: '21',
    activities: [
      {
        codeModeExercice: 'L',
        codeSecteurDactivite: 'SA33',
        numeroFinessSite: '010009991',
        raisonSocialeSite: 'Pharmacie du Marché',
      },
    ],
  }),
  person({
    id: 'several',
    rpps: '10100000048',
    given: 'Paul',
    family: 'Garnier',
    profession: '10',
    activities: [
      { codeModeExercice: 'L', codeSecteurDactivite: 'SA08', raisonSocialeSite: 'Cabinet des Tilleuls' },
      { codeModeExercice: 'L', codeSecteurDactivite: 'SA52', raisonSocialeSite: 'Maison de santé du Pont' },
      hospital,
      { codeModeExercice: 'S', codeSecteurDactivite: 'SA05', raisonSocialeSite: 'Centre de santé Jean-Macé' },
      {
        codeModeExercice: 'S',
        codeSecteurDactivite: 'SA17',
        numeroFinessSite: '010003333',
        raisonSocialeSite: 'Ehpad Les Glycines',
      },
    ],
  }),
  person({
    id: 'standIn',
    rpps: '10100000055',
    given: 'Inès',
    family: 'Robert',
    profession: '10',
    activities: [],
  }),
  {
    id: 'secretary',
    claims: {
      SubjectNameID: '500000001815646/CPAT00045',
      SubjectOrganization: 'Centre hospitalier de Fleurville',
      SubjectRole: [],
      given_name: 'Martine',
      family_name: 'Petit',
      otherIds: [{ identifiant: '500000001815646/CPAT00045', origine: 'STRUCTURE', qualite: 1 }],
      SubjectRefPro: {
        codeCivilite: 'MME',
        exercices: [
          {
            codeProfession: '',
            codeCategorieProfessionnelle: '',
            nomDexercice: 'Petit',
            prenomDexercice: 'Martine',
            activities: [activity(hospital)],
          },
        ],
      },
    },
  },
  // `SubjectRole` still says what she is.
  person({
    id: 'withoutReference',
    rpps: '10100000071',
    given: 'Claire',
    family: 'Vidal',
    profession: '50',
  }),
];
