import { HttpTimestampAuthority, PDF, type Signer as PdfSigner } from '@libpdf/core';
import { der, readDer, readDerElement, readOid, writeDer } from '../der.ts';
import { derSignature } from '../ecdsa.ts';
import type { Signer } from '../signer.ts';

const signingTime = '1.2.840.113549.1.9.5';

export interface SigningTerms {
  readonly signer: Signer;
  /** Shown by readers as the time of signature; what proves it is the time-stamp. */
  readonly at: Date;
  /** French, as readers show it. */
  readonly reason: string;
  /** Address of a time-stamping authority (RFC 3161); none: PAdES B-B. */
  readonly timestampUrl?: string;
}

/**
 * Signs a PDF as PAdES: the whole of it, with signing-certificate-v2, and without the signing-time attribute that
 * EN 319 142-1 forbids and the library always writes.
 * @throws TimestampError when the authority does not answer.
 */
export async function signPdf(
  pdf: Uint8Array,
  { signer, at, reason, timestampUrl }: SigningTerms,
): Promise<Uint8Array> {
  let attributes: Uint8Array | undefined;
  const adapted: PdfSigner = {
    certificate: signer.certificate,
    certificateChain: [...signer.chain],
    keyType: signer.keyType,
    signatureAlgorithm: signer.keyType === 'EC' ? 'ECDSA' : 'RSASSA-PKCS1-v1_5',
    async sign(data) {
      attributes = withoutSigningTime(data);
      const signature = await signer.sign(attributes);
      return signer.keyType === 'EC' ? derSignature(signature) : signature;
    },
  };
  const document = await PDF.load(pdf);
  const { bytes } = await document.sign({
    signer: adapted,
    reason,
    signingTime: at,
    ...(timestampUrl === undefined
      ? { level: 'B-B' as const }
      : { level: 'B-T' as const, timestampAuthority: new HttpTimestampAuthority(timestampUrl) }),
  });
  if (!attributes) throw new Error('the library did not sign');
  return withAttributes(bytes, attributes);
}

/** The signed attributes (a SET) without that one, in the order that DER asks for. */
function withoutSigningTime(set: Uint8Array): Uint8Array {
  const kept = readDer(readDerElement(set).contents)
    .filter(({ contents }) => readOid(readDerElement(contents)) !== signingTime)
    .map(({ whole }) => whole)
    .sort(Buffer.compare);
  return writeDer(der.set, ...kept);
}

/** Puts the attributes that were signed in the place of those that the library wrote. */
function withAttributes(pdf: Uint8Array, attributes: Uint8Array): Uint8Array {
  const text = Buffer.from(pdf).toString('latin1');
  const open = text.lastIndexOf('/Contents <') + '/Contents '.length;
  const close = text.indexOf('>', open);
  const written = new Uint8Array(Buffer.from(text.slice(open + 1, close), 'hex'));
  const cms = Buffer.from(replaceAttributes(readDerElement(written).whole, attributes)).toString('hex');
  const patched = Buffer.from(pdf);
  patched.write(cms.padEnd(close - open - 1, '0'), open + 1, 'latin1');
  return new Uint8Array(patched);
}

/** ContentInfo > [0] > SignedData > signerInfos (last) > SignerInfo > [0] signed attributes. */
function replaceAttributes(cms: Uint8Array, attributes: Uint8Array): Uint8Array {
  const [type, content] = readDer(readDerElement(cms).contents);
  const signedData = content && readDerElement(content.contents);
  const parts = signedData ? readDer(signedData.contents) : [];
  const infos = parts.at(-1);
  const info = infos && readDerElement(infos.contents);
  if (!type || !info) throw new Error('not the signature that the library makes');
  const inside = readDer(info.contents).map(({ tag, whole }) =>
    tag === der.context ? writeDer(der.context, readDerElement(attributes).contents) : whole,
  );
  return writeDer(
    der.sequence,
    type.whole,
    writeDer(
      der.context,
      writeDer(
        der.sequence,
        ...parts.slice(0, -1).map(({ whole }) => whole),
        writeDer(der.set, writeDer(der.sequence, ...inside)),
      ),
    ),
  );
}
