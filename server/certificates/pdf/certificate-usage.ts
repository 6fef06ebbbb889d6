import { der, readDer, readDerElement, readOid } from '../der.ts';

const keyUsage = '2.5.29.15';
/** Of the first byte of the bits (RFC 5280, 4.2.1.3). */
const digitalSignature = 0x80;
const nonRepudiation = 0x40;

/**
 * Whether a certificate (DER) lets its key sign documents: by its key usage, where it has one. node:crypto tells of the
 * extended key usages alone.
 * @throws RangeError when it is no certificate.
 */
export function maySignDocuments(certificate: Uint8Array): boolean {
  const body = readDer(readDerElement(certificate).contents)[0];
  const wrapped = readDer(body?.contents ?? new Uint8Array()).find(({ tag }) => tag === (der.context | 3));
  const extensions = wrapped ? readDer(readDerElement(wrapped.contents).contents) : [];
  for (const { contents } of extensions) {
    const parts = readDer(contents);
    const [type] = parts;
    const value = parts.at(-1);
    if (!type || !value || readOid(type) !== keyUsage) continue;
    // A BIT STRING: how many bits are unused, then the bits.
    const [, bits = 0] = readDerElement(value.contents).contents;
    return (bits & (digitalSignature | nonRepudiation)) !== 0;
  }
  return true;
}
