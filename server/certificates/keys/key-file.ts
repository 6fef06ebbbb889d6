import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { P12Signer } from '@libpdf/core';
import type { KeyFile } from '../../config.ts';
import { der, readDer, readDerElement } from '../der.ts';
import { localSigner, type Signer } from '../signer.ts';

/**
 * The signer of a key file: PEM (private key, then its certificate and those of its issuers) or PKCS#12.
 * @throws Error naming the file when it cannot be read, opened, or is no key that we sign with.
 */
export async function signerOfFile({ path, passphrase }: KeyFile): Promise<Signer> {
  try {
    const contents = await readFile(path);
    if (contents.includes('-----BEGIN')) return fromPem(contents.toString('latin1'), passphrase);
    return await fromPkcs12(contents, passphrase ?? '');
  } catch (error) {
    throw new Error(`the key of ${path} cannot be used: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

function fromPem(text: string, passphrase: string | undefined): Signer {
  const key = createPrivateKey({ key: text, ...(passphrase !== undefined && { passphrase }) });
  const certificates = [
    ...text.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g),
  ].map(([pem]) => new Uint8Array(new X509Certificate(pem).raw));
  const own = certificates.find((each) => new X509Certificate(each).checkPrivateKey(key));
  if (!own) throw new Error('there is no certificate of the key beside it');
  return localSigner(
    key,
    own,
    certificates.filter((each) => each !== own),
  );
}

async function fromPkcs12(contents: Uint8Array, passphrase: string): Promise<Signer> {
  const opened = await P12Signer.create(new Uint8Array(contents), passphrase);
  const key = createPublicKey(
    new X509Certificate(opened.certificate).publicKey.export({ type: 'spki', format: 'pem' }),
  );
  const isP256 = key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  if (opened.keyType === 'EC' && !isP256) throw new Error('an elliptic-curve key must be on P-256');
  return {
    certificate: opened.certificate,
    chain: opened.certificateChain ?? [],
    keyType: opened.keyType,
    async sign(data) {
      const signature = await opened.sign(data, 'SHA-256');
      return opened.keyType === 'EC' ? asRaw(signature) : signature;
    },
  };
}

/** An ECDSA signature of two INTEGER as the 32 bytes of each. */
function asRaw(signature: Uint8Array): Uint8Array {
  const numbers = readDer(readDerElement(signature).contents).filter(({ tag }) => tag === der.integer);
  return new Uint8Array(
    Buffer.concat(numbers.map(({ contents }) => Buffer.concat([Buffer.alloc(32), contents]).subarray(-32))),
  );
}
