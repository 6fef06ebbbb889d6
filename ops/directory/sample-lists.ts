/**
 * The words that sample extracts are made of. Codes and labels of professions and sectors are those of the
 * nomenclatures (TRE_G15, TRE_R02, TRE_R23); people, places of work, addresses and numbers are invented.
 */

/** How likely each way of practising is, in percent; the rest has no activity (stand-ins, between two posts). */
interface Ways {
  readonly independent: number;
  readonly salaried: number;
  readonly volunteer: number;
  readonly both: number;
}

export interface SampleProfession {
  readonly code: string;
  readonly label: string;
  /** Out of a thousand people. */
  readonly share: number;
  readonly authority: string;
  readonly ways: Ways;
  /** Of the independent, then of the salaried activities. */
  readonly sectors: readonly [string, string];
  /** Whether people in training are registered under the same code. */
  readonly trains: boolean;
  readonly skills?: readonly (readonly [string, string])[];
}

const nurse: Ways = { independent: 18, salaried: 66, volunteer: 1, both: 4 };
const doctor: Ways = { independent: 38, salaried: 38, volunteer: 2, both: 10 };
const practice: Ways = { independent: 72, salaried: 12, volunteer: 1, both: 7 };
const employed: Ways = { independent: 2, salaried: 86, volunteer: 1, both: 1 };
const mixed: Ways = { independent: 42, salaried: 38, volunteer: 1, both: 9 };

export const professions: readonly SampleProfession[] = [
  profession('60', 'Infirmier', 370, 'ONI', nurse, ['SA07', 'SA01'], false),
  profession('10', 'Médecin', 150, 'CNOM', doctor, ['SA08', 'SA01'], true, [
    ['SM54', 'Médecine générale'],
    ['SM26', 'Qualifié en Médecine Générale'],
    ['SM04', 'Cardiologie et maladies vasculaires'],
    ['SM40', 'Pédiatrie'],
  ]),
  profession('35', 'Aide-soignant', 110, 'ARS', employed, ['SA09', 'SA01'], false),
  profession('70', 'Masseur-Kinésithérapeute', 70, 'CNOMK', practice, ['SA08', 'SA17'], false),
  profession('21', 'Pharmacien', 55, 'CNOP', mixed, ['SA33', 'SA33'], true),
  profession('93', 'Psychologue', 50, 'ARS', mixed, ['SA07', 'SA16'], false),
  profession('40', 'Chirurgien-Dentiste', 32, 'CNOCD', practice, ['SA08', 'SA05'], true),
  profession('39', 'Préparateur en pharmacie', 30, 'ARS', employed, ['SA33', 'SA33'], false),
  profession('98', "Manipulateur d'électroradiologie médicale", 24, 'ARS', employed, ['SA09', 'SA01'], false),
  profession('91', 'Orthophoniste', 20, 'ARS', practice, ['SA07', 'SA05'], false),
  profession('50', 'Sage-Femme', 18, 'CNOSF', mixed, ['SA07', 'SA01'], true),
  profession('28', 'Opticien-Lunetier', 16, 'ARS', mixed, ['SA09', 'SA09'], false),
  profession('94', 'Ergothérapeute', 12, 'ARS', mixed, ['SA07', 'SA16'], false),
  profession('96', 'Psychomotricien', 12, 'ARS', mixed, ['SA07', 'SA16'], false),
  profession('80', 'Pédicure-Podologue', 11, 'CNOPP', practice, ['SA07', 'SA17'], false),
  profession('95', 'Diététicien', 10, 'ARS', mixed, ['SA07', 'SA01'], false),
  profession('92', 'Orthoptiste', 5, 'ARS', practice, ['SA52', 'SA01'], false),
  profession('26', 'Audioprothésiste', 3, 'ARS', mixed, ['SA09', 'SA09'], false),
  profession('81', 'Orthoprothésiste', 2, 'ARS', employed, ['SA09', 'SA09'], false),
];

function profession(
  code: string,
  label: string,
  share: number,
  order: string,
  ways: Ways,
  sectors: readonly [string, string],
  trains: boolean,
  skills?: SampleProfession['skills'],
): SampleProfession {
  const authority = `${order}/${order}/${order}`;
  return { code, label, share, authority, ways, sectors, trains, ...(skills && { skills }) };
}

export const sectors: Readonly<Record<string, string>> = {
  SA01: 'Etablissement public de santé',
  SA05: 'Centre de santé',
  SA07: 'Cabinet individuel',
  SA08: 'Cabinet de groupe',
  SA09: 'Exercice en société',
  SA16: 'Etablissement pour personnes handicapées',
  SA17: 'Etablissement pour personnes âgées',
  SA33: "Pharmacie d'officine",
  SA52: 'Maison de santé pluriprofessionnelle',
};

/** What a place of that sector is called; the rest of its name is that of a town. */
export const placeNames: Readonly<Record<string, string>> = {
  SA01: 'CENTRE HOSPITALIER DE',
  SA05: 'CENTRE DE SANTE DE',
  SA07: 'CABINET',
  SA08: 'CABINET MEDICAL DE',
  SA09: 'SELARL',
  SA16: 'FOYER',
  SA17: 'EHPAD DE',
  SA33: 'PHARMACIE DE',
  SA52: 'MAISON DE SANTE DE',
};

export interface SampleTown {
  readonly commune: string;
  readonly postCode: string;
  readonly name: string;
  readonly department: string;
  readonly departmentName: string;
}

export const firstTown = town('75', 'Paris', 'Paris');

/** One of each département. The towns of the mainland are invented. */
export const towns: readonly SampleTown[] = [
  firstTown,
  town('971', 'Guadeloupe', 'Basse-Terre'),
  town('972', 'Martinique', 'Fort-de-France'),
  town('973', 'Guyane', 'Cayenne'),
  town('974', 'La Réunion', 'Saint-Denis'),
  town('976', 'Mayotte', 'Mamoudzou'),
  ...[
    ...['01 Ain', '02 Aisne', '03 Allier', '04 Alpes-de-Haute-Provence', '05 Hautes-Alpes'],
    ...['06 Alpes-Maritimes', '07 Ardèche', '08 Ardennes', '09 Ariège', '10 Aube', '11 Aude', '12 Aveyron'],
    ...['13 Bouches-du-Rhône', '14 Calvados', '15 Cantal', '16 Charente', '17 Charente-Maritime', '18 Cher'],
    ...['19 Corrèze', '2A Corse-du-Sud', '2B Haute-Corse', "21 Côte-d'Or", "22 Côtes-d'Armor", '23 Creuse'],
    ...['24 Dordogne', '25 Doubs', '26 Drôme', '27 Eure', '28 Eure-et-Loir', '29 Finistère', '30 Gard'],
    ...['31 Haute-Garonne', '32 Gers', '33 Gironde', '34 Hérault', '35 Ille-et-Vilaine', '36 Indre'],
    ...['37 Indre-et-Loire', '38 Isère', '39 Jura', '40 Landes', '41 Loir-et-Cher', '42 Loire'],
    ...['43 Haute-Loire', '44 Loire-Atlantique', '45 Loiret', '46 Lot', '47 Lot-et-Garonne', '48 Lozère'],
    ...[
      '49 Maine-et-Loire',
      '50 Manche',
      '51 Marne',
      '52 Haute-Marne',
      '53 Mayenne',
      '54 Meurthe-et-Moselle',
    ],
    ...['55 Meuse', '56 Morbihan', '57 Moselle', '58 Nièvre', '59 Nord', '60 Oise', '61 Orne'],
    ...['62 Pas-de-Calais', '63 Puy-de-Dôme', '64 Pyrénées-Atlantiques', '65 Hautes-Pyrénées'],
    ...['66 Pyrénées-Orientales', '67 Bas-Rhin', '68 Haut-Rhin', '69 Rhône', '70 Haute-Saône'],
    ...['71 Saône-et-Loire', '72 Sarthe', '73 Savoie', '74 Haute-Savoie', '76 Seine-Maritime'],
    ...['77 Seine-et-Marne', '78 Yvelines', '79 Deux-Sèvres', '80 Somme', '81 Tarn', '82 Tarn-et-Garonne'],
    ...['83 Var', '84 Vaucluse', '85 Vendée', '86 Vienne', '87 Haute-Vienne', '88 Vosges', '89 Yonne'],
    ...['90 Territoire de Belfort', '91 Essonne', '92 Hauts-de-Seine', '93 Seine-Saint-Denis'],
    ...['94 Val-de-Marne', "95 Val-d'Oise"],
  ].map((each) => town(each.slice(0, 2), each.slice(3), `Exemple-${each.slice(0, 2)}`)),
];

function town(department: string, departmentName: string, name: string): SampleTown {
  const commune = department.length === 2 ? `${department}001` : `${department}01`;
  const postCode = `${department.replace(/[AB]/, '0')}000`.slice(0, 5);
  return { commune, postCode, name, department, departmentName };
}

export const firstStreet = ['R', 'Rue', 'DE LA REPUBLIQUE'] as const;

/** Code, label and name. */
export const streets: readonly (readonly [string, string, string])[] = [
  firstStreet,
  ['R', 'Rue', 'DES ACACIAS'],
  ['AV', 'Avenue', 'JEAN JAURES'],
  ['BD', 'Boulevard', 'PASTEUR'],
  ['PL', 'Place', "DE L'EGLISE"],
  ['CHE', 'Chemin', 'DU MOULIN'],
];

/** Those of every tenth person; the others are put together from the two lists below. */
export const commonNames: readonly string[] = [
  ...['MARTIN', 'BERNARD', 'THOMAS', 'PETIT', 'ROBERT', 'RICHARD', 'DURAND', 'DUBOIS', 'MOREAU', 'LAURENT'],
  ...['SIMON', 'MICHEL', 'LEFEBVRE', 'LEROY', 'ROUX', 'DAVID', 'LE GOFF', 'ANDRÉ', 'GUÉRIN', 'FRANÇOIS'],
  ...["D'ALMEIDA", 'NGUYEN', 'DA SILVA', 'BENALI', 'TRAORÉ', 'HOAREAU', 'SAINT-MARTIN', 'DE LA TOUR'],
  ...["L'HERMITE", 'ÖZTÜRK', 'NOËL', 'LEROY-DUBOIS'],
];

export const nameBeginnings: readonly string[] = [
  ...['ABA', 'AGU', 'AMBRO', 'ARNA', 'BAR', 'BEL', 'BER', 'BLAN', 'BOI', 'BON', 'BOU', 'BRE', 'CAR', 'CHA'],
  ...['CHE', 'CLE', 'COL', 'COR', 'DAN', 'DEL', 'DES', 'DU', 'FAL', 'FER', 'FLO', 'FON', 'GAR', 'GER', 'GI'],
  ...['GRAN', 'GUI', 'HAM', 'HER', 'JAC', 'JOU', 'KER', 'LA', 'LAN', 'LE', 'LOM', 'MAL', 'MAR', 'MAU', 'MER'],
  ...['MON', 'MOU', 'NOR', 'OLI', 'PAR', 'PEL', 'PER', 'PI', 'POI', 'PRE', 'RA', 'REN', 'RI', 'ROU', 'SA'],
  ...['SER', 'TAL', 'THE', 'TOU', 'VA', 'VER', 'VI', 'WAL', 'ZIM'],
];

export const nameEndings: readonly string[] = [
  ...[
    'BAUD',
    'BERT',
    'BOIS',
    'CHAND',
    'CHET',
    'COURT',
    'DEAU',
    'DIER',
    'DON',
    'FORT',
    'GEON',
    'GNON',
    'GUET',
  ],
  ...['LAND', 'LARD', 'LEMAIN', 'LET', 'LIER', 'LOT', 'MAND', 'MARD', 'MIER', 'MONT', 'NARD', 'NEAU', 'NET'],
  ...['NIER', 'PIN', 'QUET', 'RAND', 'RARD', 'REAU', 'RIER', 'RIN', 'SARD', 'SEAU', 'SIER', 'SON', 'TEAU'],
  ...['TIER', 'TIN', 'TON', 'VAL', 'VIER', 'VILLE', 'ZIER'],
];

export const givenNames: readonly string[] = [
  ...['Marie', 'Camille', 'Léa', 'Manon', 'Chloé', 'Sarah', 'Julie', 'Anaïs', 'Élodie', 'Hélène', 'Zoé'],
  ...[
    'Anne-Sophie',
    'Marie-Claude',
    'Françoise',
    'Nathalie',
    'Isabelle',
    'Fatima',
    'Aïcha',
    'Inès',
    'Maëlle',
  ],
  ...['Thomas', 'Nicolas', 'Julien', 'Alexandre', 'Jérôme', 'François', 'Loïc', 'Benoît', 'Cédric', 'Gaël'],
  ...['Jean-Pierre', 'Jean-Baptiste', 'Mathieu', 'Rémi', 'Stéphane', 'Mohamed', 'Yanis', 'Ibrahim', 'Noé'],
];
