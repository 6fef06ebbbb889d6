import type { TextParameters } from '../texts.ts';

/** What can be wrong with a certificate, a 2D-Doc or a signed document; each has the sentence `certificates.findings.<code>`. */
export const findingCodes = [
  // It cannot be read.
  'too_long',
  'prefix',
  'base45',
  'compression',
  'cose',
  'claims',
  'two_d_doc_form',
  'two_d_doc_field',
  'not_pdf',
  'unsigned',
  'signature_form',
  // It is not signed by whom it says.
  'algorithm',
  'unknown_signer',
  'signature',
  'key_usage',
  'signer_not_in_force',
  'signer_usage',
  'signing_time',
  'timestamp',
  'timestamp_signature',
  'not_whole',
  'changed_after',
  // It is not in force.
  'no_expiry',
  'not_yet_valid',
  'expired',
  'revoked',
  // It does not say what it should.
  'schema',
  'value_set',
  'date',
] as const;

export type FindingCode = (typeof findingCodes)[number];

/** One thing wrong, with what the sentence names: a field, a country, a date. */
export interface Finding {
  readonly code: FindingCode;
  readonly parameters?: TextParameters;
}
