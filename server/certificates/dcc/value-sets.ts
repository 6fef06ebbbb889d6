/** A code of one of the certificate's value sets. */
export interface CodedValue {
  readonly code: string;
  /** As printed; the same in every language. */
  readonly display: string;
  /** The first day on which a certificate may be issued with it, and the day on which it no more may; one that was ever valid is read. */
  readonly validFrom?: string;
  readonly validTo?: string;
}

/** A vaccine with all that a certificate says of it. */
export interface Vaccine extends CodedValue {
  /** Code of `prophylaxis`. */
  readonly prophylaxis: string;
  /** Code of `makers`; undefined while none is known, and no certificate is then issued. */
  readonly maker?: string;
}

/** Disease or agent targeted (`tg`), SNOMED CT. */
export const diseases: readonly CodedValue[] = [{ code: '840539006', display: 'COVID-19' }];

/** Vaccine or prophylaxis (`vp`): SNOMED CT, and ATC codes that older certificates have. */
export const prophylaxis: readonly CodedValue[] = [
  { code: '1119349007', display: 'SARS-CoV-2 mRNA vaccine' },
  { code: '1119305005', display: 'SARS-CoV-2 antigen vaccine' },
  { code: '29061000087103', display: 'COVID-19 non-replicating viral vector vaccine' },
  { code: 'J07BN01', display: 'COVID-19 vaccines' },
  // Deprecated in favour of J07BN01: read, never issued.
  { code: 'J07BX03', display: 'COVID-19 vaccines', validTo: '2021-01-01' },
];

/** Marketing authorisation holders (`ma`), as EMA numbers organisations. */
export const makers: readonly CodedValue[] = [
  { code: 'ORG-100030215', display: 'Biontech Manufacturing GmbH' },
  { code: 'ORG-100031184', display: 'Moderna Biotech Spain S.L.' },
  { code: 'ORG-100001699', display: 'AstraZeneca AB' },
  { code: 'ORG-100001417', display: 'Janssen-Cilag International' },
];

/** Medicinal products (`mp`), by their number in the Union register. */
export const vaccines: readonly Vaccine[] = [
  { code: 'EU/1/20/1528', display: 'Comirnaty', prophylaxis: '1119349007', maker: 'ORG-100030215' },
  { code: 'EU/1/20/1507', display: 'Spikevax', prophylaxis: '1119349007', maker: 'ORG-100031184' },
  { code: 'EU/1/21/1529', display: 'Vaxzevria', prophylaxis: '29061000087103', maker: 'ORG-100001699' },
  { code: 'EU/1/20/1525', display: 'Jcovden', prophylaxis: '29061000087103', maker: 'ORG-100001417' },
  { code: 'EU/1/21/1618', display: 'Nuvaxovid', prophylaxis: '1119305005' },
  { code: 'EU/1/21/1580', display: 'VidPrevtyn Beta', prophylaxis: '1119305005' },
];

/** The ATC code of the class, which the 2D-Doc names. */
export const atcCode = 'J07BN01';

/** The vaccine of a code of the Union register. */
export function findVaccine(code: string): Vaccine | undefined {
  return vaccines.find((each) => each.code === code);
}

/** The coded value of a set, whether or not it may still be issued. */
export function findValue(set: readonly CodedValue[], code: string): CodedValue | undefined {
  return set.find((each) => each.code === code);
}

/** Whether a certificate may be issued with the value on a day (`2021-12-31`). */
export function issuableOn({ validFrom, validTo }: CodedValue, day: string): boolean {
  return (validFrom === undefined || validFrom <= day) && (validTo === undefined || day < validTo);
}
