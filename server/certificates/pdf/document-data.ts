import type { Language } from '../../texts.ts';

/** The languages of a document, in their order: French, or French with English beside it. */
export type DocumentLanguages = readonly ['fr'] | readonly ['fr', 'en'];

export interface DocumentPerson {
  /** At birth. */
  readonly familyName: string;
  readonly usedName?: string;
  readonly givenNames: readonly string[];
  /** `1962-05-31`. */
  readonly birthDate: string;
}

export interface DocumentBase {
  /** Printed on it, and how it is found again. */
  readonly number: string;
  readonly languages: DocumentLanguages;
  /** Instant, ISO 8601: all dates in the document come from here, so that it is the same whenever it is rendered. */
  readonly issuedAt: string;
  readonly person: DocumentPerson;
  /** Who answers for it: `Dr Anne Martin, médecin (RPPS 10001234567)`. */
  readonly validatedBy: string;
  /** Version of the record that it tells. */
  readonly recordVersion: string;
  /** Where it can be checked, with what its reader types there. */
  readonly verification: { readonly url: string; readonly code: string };
}

/** The whole of a person's vaccination: the bilan. */
export interface SummaryData extends DocumentBase {
  readonly consultations: readonly {
    /** `2021-03-31`. */
    readonly date: string;
    readonly outcome: 'fit' | 'deferred' | 'contraindicated' | 'opposed';
    /** Of a deferral. */
    readonly until?: string;
    readonly professional: string;
    readonly place?: string;
  }[];
  readonly injections: readonly {
    readonly date: string;
    readonly vaccine: string;
    readonly lot: string;
    readonly rank: number;
    readonly expected: number;
    readonly professional: string;
    readonly place?: string;
  }[];
}

/** Where a person stands, with codes that machines read. */
export interface AttestationData extends DocumentBase {
  readonly vaccine: string;
  readonly date: string;
  readonly rank: number;
  readonly expected: number;
  readonly state: 'in_series' | 'complete' | 'booster';
  readonly hc1: string;
  readonly uvci: string;
  readonly twoDDoc?: string;
}

export type DocumentLanguage = Language;
