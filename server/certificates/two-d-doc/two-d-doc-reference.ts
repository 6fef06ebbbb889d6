import { createHash } from 'node:crypto';
import { readTwoDDoc } from './read-two-d-doc.ts';

/**
 * What a 2D-Doc is revoked by: it carries no identifier, so that the digest of what is signed stands for one, never the
 * signature, of which there may be two.
 * @param signed its header and fields, as bytes.
 */
export function referenceOfSigned(signed: Uint8Array): string {
  return `2DDOC:${createHash('sha256').update(signed).digest('hex').toUpperCase()}`;
}

/** The same of a whole text; undefined for one that is no 2D-Doc. */
export function twoDDocReference(text: string): string | undefined {
  const result = readTwoDDoc(text);
  return 'read' in result ? referenceOfSigned(result.read.signed) : undefined;
}
