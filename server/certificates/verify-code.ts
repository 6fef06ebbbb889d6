import type { Database } from '../database/client.ts';
import { parisDay } from '../paris-day.ts';
import { type CheckedDcc, checkDcc } from './dcc/check-dcc.ts';
import { eventOf } from './dcc/dcc-format.ts';
import { findValue, makers, vaccines } from './dcc/value-sets.ts';
import type { Finding } from './findings.ts';
import { verifyPdf } from './pdf/verify-pdf.ts';
import { findRevocation } from './revocations.ts';
import type { TrustList } from './trust-list.ts';
import { checkTwoDDoc } from './two-d-doc/read-two-d-doc.ts';
import { referenceOfSigned } from './two-d-doc/two-d-doc-reference.ts';

export type VerifiedKind = 'dcc' | 'two_d_doc' | 'document';

/** What a verified thing says, in an order for people; each name has the text `certificates.fields.<name>`. */
export type Content = Readonly<Partial<Record<ContentField, string>>>;

export const contentFields = [
  'title',
  'name',
  'birthDate',
  'event',
  'vaccine',
  'maker',
  'dose',
  'date',
  'state',
  'result',
  'from',
  'until',
  'country',
  'issuer',
  'uvci',
  'expiresAt',
  'number',
  'validatedBy',
  'recordVersion',
  'issuedOn',
  'withdrawnOn',
  'signedAt',
  'timestamp',
  'timestampedAt',
  'timestampedBy',
] as const;
export type ContentField = (typeof contentFields)[number];

export interface Verdict {
  readonly kind: VerifiedKind;
  readonly valid: boolean;
  readonly findings: readonly Finding[];
  readonly signer?: string;
  /** Shown also when something is wrong, unless it cannot be read. */
  readonly content?: Content;
}

export interface Verifying {
  readonly db: Database;
  readonly trust: TrustList;
  readonly now: Date;
}

/** Verifies the text of a DCC: signature, signer, times, form, values, revocation. */
export async function verifyDcc(text: string, { db, trust, now }: Verifying): Promise<Verdict> {
  const checked = checkDcc(text, trust, now);
  const content = contentOfDcc(checked);
  return verdict('dcc', [...checked.findings, ...(await withdrawnFinding(db, checked.uvci))], {
    ...(checked.signer && { signer: checked.signer.subject }),
    ...(content && { content }),
  });
}

/** Verifies the text of a 2D-Doc of a vaccination. */
export async function verifyTwoDDoc(text: string, { db, trust, now }: Verifying): Promise<Verdict> {
  const { findings, read, signer } = checkTwoDDoc(text, trust, now);
  const withdrawn = await withdrawnFinding(db, read && referenceOfSigned(read.signed));
  return verdict('two_d_doc', [...findings, ...withdrawn], {
    ...(signer && { signer: signer.subject }),
    ...(read && {
      content: {
        name: `${read.values.firstNames.replaceAll('/', ' ')} ${read.values.surname}`,
        birthDate: read.values.birthDate,
        event: 'vaccination',
        vaccine: read.values.vaccine,
        maker: read.values.maker,
        dose: `${read.values.rank}/${read.values.expected}`,
        date: read.values.date,
        country: read.country,
      },
    }),
  });
}

/** Verifies a signed document: what it says of itself is told only when it is whole and ours. */
export async function verifyDocument(pdf: Uint8Array, { db, trust }: Verifying): Promise<Verdict> {
  const { findings, signer, document, signedAt, timestamp } = verifyPdf(pdf, trust);
  return verdict('document', [...findings, ...(await withdrawnFinding(db, document?.number))], {
    ...(signer !== undefined && { signer }),
    ...(document && {
      content: {
        ...document,
        ...(signedAt && { signedAt: signedAt.toISOString() }),
        ...(timestamp && {
          timestamp: timestamp.state,
          timestampedAt: timestamp.at.toISOString(),
          ...(timestamp.authority !== undefined && { timestampedBy: timestamp.authority }),
        }),
      },
    }),
  });
}

/** That it was withdrawn, if it was, and why: the reason is one of a few words, and tells nothing of anybody's health. */
async function withdrawnFinding(db: Database, reference: string | undefined): Promise<readonly Finding[]> {
  const found = reference === undefined ? undefined : await findRevocation(db, reference);
  return found ? [{ code: 'revoked', parameters: { reason: found.reason } }] : [];
}

function verdict(
  kind: VerifiedKind,
  findings: readonly Finding[],
  rest: Pick<Verdict, 'signer' | 'content'>,
): Verdict {
  return { kind, valid: findings.length === 0, findings, ...rest };
}

function contentOfDcc({ dcc, read }: CheckedDcc): Content | undefined {
  const event = dcc && eventOf(dcc);
  if (!dcc || !event) return undefined;
  const common: Content = {
    name: [dcc.nam.gn ?? dcc.nam.gnt, dcc.nam.fn ?? dcc.nam.fnt].filter(Boolean).join(' '),
    birthDate: dcc.dob,
    event: event.kind,
    country: event.entry.co,
    issuer: event.entry.is,
    uvci: event.entry.ci,
    ...(read?.expiresAt && { expiresAt: parisDay(read.expiresAt) }),
  };
  if (event.kind === 'vaccination') {
    const { mp, ma, dn, sd, dt } = event.entry;
    return {
      ...common,
      vaccine: findValue(vaccines, mp)?.display ?? mp,
      maker: findValue(makers, ma)?.display ?? ma,
      dose: `${dn}/${sd}`,
      date: dt.slice(0, 10),
    };
  }
  if (event.kind === 'test') return { ...common, date: event.entry.sc, result: event.entry.tr };
  return { ...common, date: event.entry.fr, from: event.entry.df, until: event.entry.du };
}
