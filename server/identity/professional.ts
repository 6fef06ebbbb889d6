/** Where and how a professional works, as Pro Santé Connect describes it; absent values are null, never `""`. */
export interface Exercise {
  /** Tells the exercises of one professional apart, and stays the same from one sign-in to the next. */
  readonly key: string;
  /** TRE_G15 code. */
  readonly profession: string | null;
  /** C civil, M military, E student. */
  readonly category: string | null;
  /** TRE_R23 code. */
  readonly mode: 'L' | 'S' | 'B' | null;
  /** TRE_R02 code. */
  readonly sector: string | null;
  readonly role: string | null;
  readonly structure: Structure | null;
}

export interface Structure {
  readonly name: string | null;
  /** FINESS number of the site, 9 characters. */
  readonly siteFiness: string | null;
  /** FINESS number of the legal entity, 9 characters. */
  readonly legalFiness: string | null;
  readonly siret: string | null;
}

/** By what number a structure is known: site FINESS, else legal FINESS, else SIRET; null when it has none. */
export function structureNumber(structure: Structure | null | undefined): string | null {
  return structure?.siteFiness ?? structure?.legalFiness ?? structure?.siret ?? null;
}

/** Who is signed in, as of this request. */
export interface Professional {
  readonly id: string;
  readonly nationalIdentifier: string;
  readonly rpps: string | null;
  readonly familyName: string;
  readonly givenNames: string;
  /** What they chose to act as; null when their issuer says nothing of any exercise. */
  readonly actingAs: Exercise | null;
  readonly sessionId: string;
}

/** A session as it was read before, and what of it is to be found again (session-proof.ts). */
export interface SessionProof {
  readonly sessionId: string;
  /** Changes with the rows of the session and of its professional. */
  readonly version: string;
}
