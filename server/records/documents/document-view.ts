import { type Static, Type } from 'typebox';
import type { Person } from '../acts/act-entry.ts';
import { withdrawalReasons } from './documents.table.ts';
import type { ListedDocument, PatientDocument } from './find-documents.ts';

const PersonSchema = Type.Object({
  nationalIdentifier: Type.String(),
  familyName: Type.String(),
  givenNames: Type.String(),
});

const common = {
  id: Type.String(),
  number: Type.String({ description: 'Printed on it: BV-2026-000001' }),
  verificationCode: Type.String({ description: 'What whoever was given it types at /verifier' }),
  recordVersion: Type.String(),
  bilingual: Type.Boolean(),
  issuedAt: Type.String({ format: 'date-time' }),
  signedBy: PersonSchema,
  requestedBy: PersonSchema,
  pdf: Type.String({ description: 'Address of the signed PDF: the same bytes each time' }),
  actsSince: Type.Integer({
    description:
      'Acts of the record that were entered since: it is true at its date, and one more can be issued',
  }),
  withdrawn: Type.Union([
    Type.Null(),
    Type.Object({
      at: Type.String({ format: 'date-time' }),
      reason: Type.Enum([...withdrawalReasons]),
      replacedBy: Type.Union([Type.String(), Type.Null()], {
        description: 'Number of what is issued instead',
      }),
    }),
  ]),
};

export const SummarySchema = Type.Object(common, { title: 'SignedSummary' });
const certificate = {
  ...common,
  uvci: Type.String(),
  pictures: Type.Object(
    {
      dccPng: Type.String(),
      dccSvg: Type.String(),
      twoDDocPng: Type.String(),
      twoDDocSvg: Type.String(),
    },
    { description: 'Addresses of both codes, for wallets' },
  ),
};
const hc1 = Type.String({ description: 'European certificate, as its QR code says it' });
const twoDDoc = Type.String();

export const CertificateSchema = Type.Object(
  { ...certificate, hc1, twoDDoc },
  { title: 'VaccinationCertificate' },
);
export const ListedCertificateSchema = Type.Object(
  { ...certificate, hc1: Type.Optional(hc1), twoDDoc: Type.Optional(twoDDoc) },
  {
    title: 'ListedVaccinationCertificate',
    description: 'Without its codes to whoever may not print it',
  },
);

/** Where a document is, for programs. */
export function documentAddress(
  patientId: string,
  { kind, id }: Pick<PatientDocument, 'kind' | 'id'>,
): string {
  return `/api/records/patients/${patientId}/${kind === 'summary' ? 'summaries' : 'certificates'}/${id}`;
}

/** A document that was just issued has nothing after it. */
type Viewed = PatientDocument & Partial<Pick<ListedDocument, 'actsSince'>>;

export function summaryView(patientId: string, document: Viewed): Static<typeof SummarySchema> {
  const { withdrawnAt, withdrawnReason } = document;
  return {
    id: document.id,
    number: document.number,
    verificationCode: document.verificationCode,
    recordVersion: document.recordVersion,
    bilingual: document.bilingual,
    issuedAt: document.issuedAt.toISOString(),
    signedBy: personView(document.signedBy),
    requestedBy: personView(document.requestedBy),
    pdf: `${documentAddress(patientId, document)}.pdf`,
    actsSince: document.actsSince ?? 0,
    withdrawn:
      withdrawnAt && withdrawnReason
        ? { at: withdrawnAt.toISOString(), reason: withdrawnReason, replacedBy: document.replacedByNumber }
        : null,
  };
}

export function certificateView(patientId: string, document: Viewed): Static<typeof CertificateSchema> {
  const { hc1, twoDDoc } = document;
  return { ...listedCertificateView(patientId, document), hc1: hc1 ?? '', twoDDoc: twoDDoc ?? '' };
}

export function listedCertificateView(
  patientId: string,
  document: Viewed,
): Static<typeof ListedCertificateSchema> {
  const address = documentAddress(patientId, document);
  const { uvci, hc1, twoDDoc } = document;
  return {
    ...summaryView(patientId, document),
    uvci: uvci ?? '',
    ...(hc1 !== null && { hc1 }),
    ...(twoDDoc !== null && { twoDDoc }),
    pictures: {
      dccPng: `${address}/dcc.png`,
      dccSvg: `${address}/dcc.svg`,
      twoDDocPng: `${address}/2d-doc.png`,
      twoDDocSvg: `${address}/2d-doc.svg`,
    },
  };
}

function personView({ nationalIdentifier, familyName, givenNames }: Person): Static<typeof PersonSchema> {
  return { nationalIdentifier, familyName, givenNames };
}
