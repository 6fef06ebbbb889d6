import { CannotCertify, type NotCertifiable } from '../../certificates/dcc/sign-dcc.ts';
import { type Issuing, type Prepared, prepareAttestation, prepareSummary } from '../../certificates/issue.ts';
import { NoSigningKey } from '../../certificates/keys/key-store.ts';
import { PoolIsFull } from '../../certificates/pool/document-pool.ts';
import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import type { Person } from '../acts/act-entry.ts';
import type { RecordRules } from '../rules/load-rules.ts';
import {
  type AttestationContent,
  attestationContent,
  type SummaryContent,
  summaryContent,
} from './document-content.ts';
import type { PersonRecord } from './person-record.ts';

/** What issuing documents takes. */
export interface DocumentTools {
  readonly db: Database;
  readonly certificates: Omit<Issuing, 'db' | 'now'>;
  readonly rules: RecordRules;
}

/** What is asked for, or was. */
export interface Wanted {
  readonly kind: 'summary' | 'attestation';
  readonly bilingual: boolean;
  /** The injection that an attestation is of; absent: the last. */
  readonly injectionId?: string | null;
}

export type DocumentContent = SummaryContent | AttestationContent;

/** What such a document says of the record now. @throws Problem 422 with why there can be none. */
export function contentOf(
  { kind, injectionId }: Wanted,
  record: PersonRecord,
  rules: RecordRules,
): DocumentContent {
  return kind === 'summary' ? summaryContent(record, rules) : attestationContent(record, rules, injectionId);
}

/** Renders and signs it. @throws Problem 422 `cannot-certify-…`; 503 `no-signing-key`, `documents-busy`. */
export async function makeDocument(
  { db, certificates }: DocumentTools,
  content: DocumentContent,
  told: {
    readonly subject: string;
    readonly signer: Person;
    readonly bilingual: boolean;
    readonly replaces?: string | undefined;
    readonly now: Date;
  },
): Promise<Prepared> {
  const { subject, signer, bilingual, replaces, now } = told;
  const issuing = { ...certificates, db, now };
  const request = {
    subject,
    languages: bilingual ? (['fr', 'en'] as const) : (['fr'] as const),
    validatedBy: signatureOf(signer),
    ...(replaces !== undefined && { replaces }),
  };
  try {
    if ('injection' in content) {
      const { of: _, ...attested } = content;
      return await prepareAttestation(issuing, { ...attested, ...request });
    }
    return await prepareSummary(issuing, { ...content, ...request });
  } catch (cause) {
    if (cause instanceof CannotCertify) throw new Problem(422, refusals[cause.reason], { cause });
    if (cause instanceof NoSigningKey) throw new Problem(503, 'no-signing-key', { cause });
    if (cause instanceof PoolIsFull) throw new Problem(503, 'documents-busy', { cause });
    throw cause;
  }
}

const refusals: Readonly<Record<NotCertifiable, string>> = {
  name_not_latin: 'cannot-certify-name',
  unknown_vaccine: 'cannot-certify-vaccine',
  no_maker: 'cannot-certify-maker',
  vaccine_not_issued: 'cannot-certify-day',
};

/** `Anne Lefèvre (RPPS 10100000001)`. */
function signatureOf({ givenNames, familyName, nationalIdentifier }: Person): string {
  // A national identifier is an 8 and the RPPS number, or that of a member of an employer's staff.
  const number = /^8\d{11}$/.test(nationalIdentifier)
    ? `RPPS ${nationalIdentifier.slice(1)}`
    : nationalIdentifier;
  return `${givenNames} ${familyName} (${number})`;
}
