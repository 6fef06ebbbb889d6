/**
 * Purpose: keeps what identifies patients readable only with a key, and a NIR findable only with another.
 * Entry points: `nirVault`.
 * May import: server/config.ts's types, nir.ts.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { KeyRing, RecordsConfig } from '../../config.ts';
import type { Nir } from './nir.ts';

/** A text sealed for one patient, as stored: nonce (12 bytes), cipher text, tag (16 bytes). */
export interface Sealed {
  readonly sealed: Buffer;
  readonly keyId: string;
}

/** A NIR's digest under one index key. */
export interface BlindIndex {
  readonly blindIndex: Buffer;
  readonly indexKeyId: string;
}

export interface NirVault {
  /** Names of the keys that seal and index now: what is under others waits to be done again. */
  readonly current: { readonly keyId: string; readonly indexKeyId: string };
  /** Seals a text of a patient's (or of a kept form's, by its id): it opens for the same one and purpose only. */
  seal(text: string, patientId: string, purpose?: Purpose): Sealed;
  /** @throws Error when the key is gone, or the bytes are not those sealed for this patient. It says nothing of them. */
  open(stored: Sealed, patientId: string, purpose?: Purpose): string;
  /** The NIR of a row of `patient_nirs`. Same errors. */
  openNir(stored: Sealed, patientId: string): Nir;
  index(nir: Nir): BlindIndex;
  /** The digests under every index key: what to look for while a rotation goes on. */
  indexes(nir: Nir): readonly Buffer[];
}

/** What a sealed text is: one cannot be put in the place of another. */
export type Purpose = 'nir' | 'archive' | 'import' | 'form';

/** AES-256-GCM with a random nonce, and HMAC-SHA-256, with the keys of the configuration. */
export function nirVault({
  sealingKeys,
  indexKeys,
}: Pick<RecordsConfig, 'sealingKeys' | 'indexKeys'>): NirVault {
  const [sealing] = sealingKeys;
  // Made ready once: making a key ready for each digest takes several times as long as the digest.
  const digestKeys = indexKeys.map(({ key }) => createSecretKey(key));
  const [indexing] = indexKeys;
  const indexingKey = createSecretKey(indexing.key);
  const digest = (key: KeyObject, nir: Nir) => createHmac('sha256', key).update(nir).digest();
  const open: NirVault['open'] = ({ sealed, keyId }, patientId, purpose = 'nir') => {
    const key = keyNamed(sealingKeys, keyId);
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes));
    decipher.setAAD(boundTo(patientId, purpose)).setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([
      decipher.update(sealed.subarray(nonceBytes, -tagBytes)),
      decipher.final(),
    ]).toString();
  };
  return {
    current: { keyId: sealing.id, indexKeyId: indexing.id },
    seal(text, patientId, purpose = 'nir') {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', sealing.key, nonce).setAAD(boundTo(patientId, purpose));
      const body = [cipher.update(text, 'utf8'), cipher.final()];
      return { sealed: Buffer.concat([nonce, ...body, cipher.getAuthTag()]), keyId: sealing.id };
    },
    open,
    // Only a NIR that was read is ever sealed as one.
    openNir: (stored, patientId) => open(stored, patientId) as Nir,
    index: (nir) => ({ blindIndex: digest(indexingKey, nir), indexKeyId: indexing.id }),
    indexes: (nir) => digestKeys.map((key) => digest(key, nir)),
  };
}

const nonceBytes = 12;
const tagBytes = 16;

function boundTo(patientId: string, purpose: Purpose): Buffer {
  return Buffer.from(`${purpose}\0${patientId}`);
}

function keyNamed(ring: KeyRing, id: string): Buffer {
  const found = ring.find((each) => each.id === id);
  if (!found) throw new Error(`RECORDS_KEYS lacks the key "${id}"`);
  return found.key;
}
