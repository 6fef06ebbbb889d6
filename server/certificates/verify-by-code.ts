import { timingSafeEqual } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { parisDay } from '../paris-day.ts';
import { issuedCertificates } from './certificates.table.ts';
import { findRevocation } from './revocations.ts';
import { type Verdict, type Verifying, verifyDocument } from './verify-code.ts';

/**
 * Verifies the document that we keep under a number, for whoever can read its verification code on the paper: that it is
 * ours and stands, who validated it and which version of the record it tells. Nothing of the person, nor of their health.
 * @returns undefined for a number that is none, or another one's code: the caller cannot tell which.
 */
export async function verifyByCode(
  typed: { readonly number: string; readonly code: string },
  verifying: Verifying,
): Promise<Verdict | undefined> {
  const { db } = verifying;
  const number = typed.number.trim().toUpperCase();
  const [issued] = await db
    .select({
      verificationCode: issuedCertificates.verificationCode,
      document: issuedCertificates.document,
      issuedAt: issuedCertificates.issuedAt,
    })
    .from(issuedCertificates)
    .where(eq(issuedCertificates.number, number));
  if (!issued || !isSame(issued.verificationCode, typed.code)) return undefined;
  const verdict = await verifyDocument(new Uint8Array(issued.document), verifying);
  const revocation = await findRevocation(db, number);
  return {
    ...verdict,
    content: {
      ...verdict.content,
      number,
      issuedOn: parisDay(issued.issuedAt),
      ...(revocation && { withdrawnOn: parisDay(revocation.revokedAt) }),
    },
  };
}

/** Hyphens, blanks and small letters do not matter; the time it takes says nothing. */
function isSame(code: string, typed: string): boolean {
  const [expected, given] = [code, typed].map((each) =>
    Buffer.from(each.toUpperCase().replaceAll(/[^A-Z0-9]/g, ''), 'latin1'),
  );
  return (
    expected?.length === given?.length &&
    timingSafeEqual(expected ?? Buffer.alloc(0), given ?? Buffer.alloc(1))
  );
}
