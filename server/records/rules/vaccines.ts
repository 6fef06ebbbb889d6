/**
 * What is known of a vaccine over a period: the coded facts that certificates, FHIR and declarations need. Pure data;
 * load-rules.ts reads it from the database.
 */
export interface Vaccine {
  /** What an injection names: `comirnaty`. */
  readonly vaccine: string;
  /** As written on the box. */
  readonly name: string;
  /** Number of the European marketing authorisation: `EU/1/20/1528`. */
  readonly emaNumber: string;
  readonly maker: string;
  /** EMA's organisation code (ORG-…); null when not known. */
  readonly makerCode: string | null;
  /** SNOMED CT code of the prophylaxis. */
  readonly prophylaxis: string;
  readonly atc: string;
  readonly origin: VaccineOrigin;
  /** YYYY-MM-DD, half-open, Europe/Paris; null does not bind. */
  readonly validFrom: string | null;
  readonly validTo: string | null;
}

/** Whether a source was read for it, or it is general knowledge still to be verified. */
export const vaccineOrigins = ['source', 'general_knowledge'] as const;
export type VaccineOrigin = (typeof vaccineOrigins)[number];

/** The list of vaccines with the boxes that are known of them. */
export interface VaccineList {
  readonly vaccines: readonly Vaccine[];
  /** Vaccine by GTIN, 14 digits. */
  readonly gtins: ReadonlyMap<string, string>;
}

/** The vaccine of that key as known on that day (YYYY-MM-DD, Europe/Paris); undefined when it is none of that day. */
export function findVaccine(list: VaccineList, vaccine: string, day: string): Vaccine | undefined {
  return vaccinesOn(list, day).find((each) => each.vaccine === vaccine);
}

/** The vaccines that could be given on that day, in the list's order. */
export function vaccinesOn(list: VaccineList, day: string): readonly Vaccine[] {
  return list.vaccines.filter(({ validFrom, validTo }) => isDuring(validFrom, validTo, day));
}

/** The vaccine that a scanned box or vial holds; undefined when nobody said. */
export function vaccineOfGtin(list: VaccineList, gtin: string): string | undefined {
  return list.gtins.get(gtin.padStart(14, '0'));
}

/** Whether a day lies in a half-open period; dates sort as text. */
export function isDuring(validFrom: string | null, validTo: string | null, day: string): boolean {
  return (validFrom === null || validFrom <= day) && (validTo === null || day < validTo);
}
