/**
 * Purpose: with what the service signs and whom it believes: keys from files or made for trying, sealed, rotated.
 * Entry points: `keyStore`, `selfSigned` (self-signed.ts).
 * May import: server/config.ts, server/database, the signer and the trust list.
 */
import { createHash } from 'node:crypto';
import { and, eq, isNull } from 'drizzle-orm';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config.ts';
import type { Database } from '../../database/client.ts';
import { certificateKeys, trustedSigners } from '../certificates.table.ts';
import { localSigner, type Signer } from '../signer.ts';
import {
  type SigningPurpose,
  type TrustedPurpose,
  type TrustedSigner,
  type TrustList,
  trustedSigner,
  trustList,
} from '../trust-list.ts';
import type { TwoDDocSigner } from '../two-d-doc/sign-two-d-doc.ts';
import { signerOfFile } from './key-file.ts';
import { openKey, sealKey } from './seal-key.ts';
import { selfSigned } from './self-signed.ts';

/** Nothing can be signed: in production no key is configured, or a stored one was sealed with a secret that is gone. */
export class NoSigningKey extends Error {
  readonly purpose: SigningPurpose;

  constructor(purpose: SigningPurpose) {
    super(`there is no key to sign with: ${purpose}`);
    this.name = 'NoSigningKey';
    this.purpose = purpose;
  }
}

/** With what the service signs, and whom it believes. */
export interface KeyStore {
  /**
   * The key in use. A file of the configuration that is new is written down and the key before it retired; outside
   * production a key is made where none is configured.
   * @throws NoSigningKey; Error naming a key file that cannot be used.
   */
  signer(purpose: SigningPurpose): Promise<Signer>;
  /** The key of 2D-Docs with its numbers. */
  twoDDocSigner(): Promise<TwoDDocSigner>;
  /** Every key that the service ever signed with, and the signers imported; read anew after `maxAgeMs`. */
  trust(): Promise<TrustList>;
}

export interface KeyStoreOptions {
  readonly db: Database;
  readonly config: Config;
  readonly clock: Clock;
  /** How long the trust list is kept in memory. */
  readonly maxAgeMs: number;
}

const testKeyYears = 5;

/** The keys of an installation; one in each process. */
export function keyStore({ db, config, clock, maxAgeMs }: KeyStoreOptions): KeyStore {
  const signers = new Map<SigningPurpose, Promise<Signer>>();
  let trusted: { readonly list: TrustList; readonly until: number } | undefined;

  async function open(purpose: SigningPurpose): Promise<Signer> {
    const file = config.certificates.keys[purpose];
    if (file) {
      const signer = await signerOfFile(file);
      await enter(purpose, signer.certificate, null);
      return signer;
    }
    // A key made for trying must not come to production with a copy of its database.
    if (config.production) throw new NoSigningKey(purpose);
    const stored = await findInUse(purpose);
    if (!stored?.sealedKey) {
      await enterTestKey(purpose, stored !== undefined);
    }
    const row = await findInUse(purpose);
    const key = row?.sealedKey && openKey(config.secrets, row.sealedKey, purpose);
    if (!row || !key) throw new NoSigningKey(purpose);
    return localSigner(key, new Uint8Array(row.certificate));
  }

  async function findInUse(purpose: SigningPurpose) {
    const [row] = await db
      .select()
      .from(certificateKeys)
      .where(and(eq(certificateKeys.purpose, purpose), isNull(certificateKeys.retiredAt)));
    return row;
  }

  async function enterTestKey(purpose: SigningPurpose, retire: boolean): Promise<void> {
    const validFrom = clock.now();
    // A certificate tells whole seconds; it must be in force at once.
    const validTo = new Date(validFrom);
    validTo.setUTCFullYear(validTo.getUTCFullYear() + testKeyYears);
    const made = selfSigned(`TEST ${purpose}`, { validFrom: new Date(validFrom.getTime() - 1000), validTo });
    const sealed = sealKey(config.secrets, made.privateKey, purpose);
    await enter(purpose, made.certificate, sealed, retire);
  }

  /** Writes a key down as the one in use; of two processes that make one at once, the first is right. */
  async function enter(
    purpose: SigningPurpose,
    certificate: Uint8Array,
    sealed: Buffer | null,
    retire = sealed === null,
  ): Promise<void> {
    const reference = referenceOf(purpose, certificate);
    await db.transaction(async (tx) => {
      const [known] = await tx
        .select({ retiredAt: certificateKeys.retiredAt })
        .from(certificateKeys)
        .where(and(eq(certificateKeys.purpose, purpose), eq(certificateKeys.reference, reference)));
      if (known && known.retiredAt === null) return;
      if (retire) {
        await tx
          .update(certificateKeys)
          .set({ retiredAt: clock.now() })
          .where(and(eq(certificateKeys.purpose, purpose), isNull(certificateKeys.retiredAt)));
      }
      if (known) {
        await tx
          .update(certificateKeys)
          .set({ retiredAt: null })
          .where(and(eq(certificateKeys.purpose, purpose), eq(certificateKeys.reference, reference)));
        return;
      }
      const row = { purpose, reference, certificate: Buffer.from(certificate), sealedKey: sealed };
      await tx
        .insert(certificateKeys)
        .values({ ...row, createdAt: clock.now() })
        .onConflictDoNothing();
    });
    trusted = undefined;
  }

  function referenceOf(purpose: SigningPurpose, certificate: Uint8Array): string {
    const { reference } = trustedSigner(purpose, certificate);
    // Several certificates may be called by one number of ANTS: they are told apart by their fingerprint too.
    return purpose === 'two_d_doc'
      ? `${config.certificates.twoDDocReference} ${fingerprint(certificate)}`
      : reference;
  }

  return {
    signer(purpose) {
      const opened = signers.get(purpose) ?? open(purpose);
      signers.set(purpose, opened);
      // One that failed is tried again.
      opened.catch(() => signers.delete(purpose));
      return opened;
    },
    async twoDDocSigner() {
      const { twoDDocReference } = config.certificates;
      return {
        signer: await this.signer('two_d_doc'),
        authority: twoDDocReference.slice(0, 4),
        certificate: twoDDocReference.slice(4),
      };
    },
    async trust() {
      const now = clock.now().getTime();
      if (trusted && trusted.until > now) return trusted.list;
      const [own, others] = await Promise.all([
        db.select().from(certificateKeys),
        db.select().from(trustedSigners),
      ]);
      const list = trustList([
        ...own
          // What a test key signed elsewhere means nothing in production.
          .filter(({ sealedKey }) => !config.production || sealedKey === null)
          .map(({ purpose, reference, certificate }) =>
            believed(purpose, certificate, reference.split(' ')[0]),
          ),
        ...others.map(({ purpose, reference, certificate, country }) =>
          believed(purpose, certificate, reference, country),
        ),
      ]);
      trusted = { list, until: now + maxAgeMs };
      return list;
    },
  };
}

function believed(
  purpose: TrustedPurpose,
  certificate: Uint8Array,
  reference = '',
  country?: string,
): TrustedSigner {
  return trustedSigner(purpose, new Uint8Array(certificate), { reference, ...(country && { country }) });
}

/** SHA-256 of a certificate, in hexadecimal. */
export function fingerprint(certificate: Uint8Array): string {
  return createHash('sha256').update(certificate).digest('hex');
}
