/**
 * Purpose: everything that differs between two installations, read once from the environment.
 * Entry points: `readConfig`. No other file reads `process.env`.
 * May import: server/environment.ts, server/links.ts, server/terminologies.ts, server/clock.ts.
 */
import { createHash } from 'node:crypto';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { readInstant } from './clock.ts';
import { Environment } from './environment.ts';
import { type Links, readLinks } from './links.ts';
import { readTerminologies, type Terminologies } from './terminologies.ts';

/** One of the ways in for professionals: an OpenID Connect issuer, and what we are to it. */
export interface IssuerSettings {
  /** Names it in addresses (`/auth/psc/login`) and in stored sessions. */
  readonly key: 'psc' | 'amelipro';
  readonly issuer: string;
  /** Its discovery, below the issuer's own address: Pro Santé Connect does not use the standard one. */
  readonly wellKnown: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The level of assurance that is asked for, and accepted, higher ones included. */
  readonly acr: string;
}

export interface Config {
  readonly production: boolean;
  /** Absent: the embedded PostgreSQL, which production refuses. */
  readonly databaseUrl: string | undefined;
  /** The role of servers and workers, to which `npm run migrate` gives what they need; absent: the tables' owner. */
  readonly applicationRole: string | undefined;
  /** Absent: BullMQ runs on PostgreSQL and the doorbell is NOTIFY. */
  readonly redisUrl: string | undefined;
  /** Absent: mails are written below `dataDirectory`, which production refuses. */
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  readonly port: number;
  readonly host: string;
  /** Where users find the service, without a trailing slash: origin checks and links in mails. */
  readonly publicUrl: string;
  readonly dataDirectory: string;
  /** Signs cookies and form tokens; at least 32 characters. Older ones still verify. */
  readonly secrets: readonly [string, ...string[]];
  /** How many proxies in front may be believed about the caller's address. */
  readonly trustedProxies: number;
  /** `TEST_NOW`: the instant at which the process's clock starts. */
  readonly startsAt: Date | undefined;
  readonly logLevel: string;
  readonly links: Links;
  /** Whose codes may be typed beside the account of an adverse event. */
  readonly terminologies: Terminologies;
  readonly records: RecordsConfig;
  readonly certificates: CertificatesConfig;
  /** Mails that say that an incident is over leave no faster than this, all workers together. */
  readonly incidentMailsPerMinute: number;
  /** The addresses of whoever asked to be told are erased this long after the incident, in days. */
  readonly incidentAddressDays: number;
  readonly callbacks: CallbackTerms;
  /** Working days after which somebody who waits for a registration authority's correction is asked whether it is through. */
  readonly authorityUpdateDays: number;
  /** By whom professionals sign in to the records, in the order offered; none: the records half is switched off. */
  readonly issuers: readonly IssuerSettings[];
}

/** How practitioners are called back. */
export interface CallbackTerms {
  /** How long a slot is. */
  readonly slotMinutes: number;
  /** How many people are called back in one slot of one line. */
  readonly places: number;
  /** The first slot offered begins this long from now, at the soonest. */
  readonly noticeMinutes: number;
  /** How many days are offered, today included. */
  readonly days: number;
}

/** A key by its name: 32 bytes. */
export interface RecordsKey {
  readonly id: string;
  readonly key: Buffer;
}

/** The first one seals or indexes; all of them open and find. */
export type KeyRing = readonly [RecordsKey, ...RecordsKey[]];

/** What the vaccination records need to be told. */
export interface RecordsConfig {
  /** Seal what identifies patients. */
  readonly sealingKeys: KeyRing;
  /** Make the digests by which a NIR is found. */
  readonly indexKeys: KeyRing;
  /** How long the log of accesses is kept, and what was refused of a centre's file, in days. */
  readonly accessLogDays: number;
  readonly importDays: number;
  /** How long a delegation that is over still opens the records to whom it was given, to enter what is late, in days. */
  readonly lateEntryDays: number;
  /** Years after the last act in which a record stays among the others, then in the dedicated base. */
  readonly keptYears: number;
  readonly archivedYears: number;
  /** The worker says which records have had their time, and moves and erases none. */
  readonly retentionDryRun: boolean;
}

/** A key kept in a file: PKCS#12, or PEM with its certificates. */
export interface KeyFile {
  readonly path: string;
  readonly passphrase: string | undefined;
}

/** What certificates are signed with, by what is signed; none: made for trying, which production refuses. */
export interface CertificatesConfig {
  readonly keys: Readonly<Record<'dcc' | 'two_d_doc' | 'document', KeyFile | undefined>>;
  /** Authority and certificate of the 2D-Doc key, as ANTS numbers them: `FR000001`. */
  readonly twoDDocReference: string;
  /** Who stands in certificates as their issuer. */
  readonly issuer: string;
  /** A time-stamping authority for signed documents. */
  readonly timestampUrl: string | undefined;
}

/**
 * Reads and checks the environment; empty variables count as absent.
 * @throws Error naming every variable at fault, and what production lacks.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given: Record<string, string> = {};
  for (const name of Object.keys(Environment.properties)) {
    const value = environment[name]?.trim();
    if (value) given[name] = value;
  }
  const faults = [...Value.Errors(Environment, given)].map(
    (error) => `${error.instancePath.slice(1)}: ${error.message}`,
  );
  const env = given as Static<typeof Environment>;
  const production = env.NODE_ENV === 'production';
  const secrets = env.SECRETS?.split(',').map((secret) => secret.trim()) ?? [];
  if (secrets.some((secret) => secret.length < 32))
    faults.push('SECRETS: each must have 32 characters or more');
  const port = Number(env.PORT ?? 3000);
  // CNIL: accesses are kept for six months at least; the database deletes nothing younger.
  if (env.ACCESS_LOG_DAYS !== undefined && Number(env.ACCESS_LOG_DAYS) < 180)
    faults.push('ACCESS_LOG_DAYS: must be 180 or more');
  if (port < 1 || port > 65_535) faults.push('PORT: must be from 1 to 65535');
  const startsAt = readInstant(env.TEST_NOW ?? '');
  if (env.TEST_NOW && !startsAt) faults.push('TEST_NOW: not an ISO 8601 instant with its offset');
  const links = readLinks(env.LINKS, faults);
  const terminologies = readTerminologies(env.TERMINOLOGIES, faults);
  const sealingKeys = readKeys('RECORDS_KEYS', env, faults);
  const indexKeys = readKeys('RECORDS_INDEX_KEYS', env, faults);
  const issuers = env.RECORDS === 'off' ? [] : readIssuers(env, production, faults);
  if (production) {
    for (const name of [
      'DATABASE_URL',
      'SMTP_URL',
      'MAIL_FROM',
      'PUBLIC_URL',
      'SECRETS',
      'TRUSTED_PROXIES',
      ...(env.RECORDS === 'off' ? [] : (['RECORDS_KEYS', 'RECORDS_INDEX_KEYS'] as const)),
    ] as const) {
      if (env[name] === undefined) faults.push(`${name}: required in production`);
    }
    if (env.TEST_NOW !== undefined) faults.push('TEST_NOW: refused in production');
    // Cookies are Secure only where the address is https://; a rehearsal on one machine may do without.
    if (
      /^http:/.test(env.PUBLIC_URL ?? '') &&
      !/^http:\/\/(localhost|127\.0\.0\.1)(:|$)/.test(env.PUBLIC_URL ?? '')
    )
      faults.push('PUBLIC_URL: must be https:// in production');
  }
  if (faults.length > 0) throw new Error(`The configuration is not right:\n  ${faults.join('\n  ')}`);

  const [secret = secretForTrying(env.DATABASE_URL), ...olderSecrets] = secrets;
  return {
    production,
    databaseUrl: env.DATABASE_URL,
    applicationRole: env.APPLICATION_ROLE,
    redisUrl: env.REDIS_URL,
    smtpUrl: env.SMTP_URL,
    mailFrom: env.MAIL_FROM ?? 'Aiguillage <ne-pas-repondre@aiguillage.test>',
    port,
    host: env.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
    publicUrl: env.PUBLIC_URL ?? `http://localhost:${port}`,
    dataDirectory: env.DATA_DIR ?? 'data',
    secrets: [secret, ...olderSecrets],
    trustedProxies: Number(env.TRUSTED_PROXIES ?? 0),
    startsAt,
    logLevel: env.LOG_LEVEL ?? 'info',
    links,
    terminologies,
    records: {
      sealingKeys,
      indexKeys,
      accessLogDays: Number(env.ACCESS_LOG_DAYS ?? 365),
      importDays: Number(env.IMPORT_DAYS ?? 30),
      lateEntryDays: Number(env.LATE_ENTRY_DAYS ?? 7),
      keptYears: Number(env.RECORDS_YEARS ?? 10),
      archivedYears: Number(env.RECORDS_ARCHIVED_YEARS ?? 30),
      retentionDryRun: env.RECORDS_RETENTION === 'dry-run',
    },
    certificates: {
      keys: {
        dcc: keyFile(env.DCC_KEY, env.DCC_KEY_PASSPHRASE),
        two_d_doc: keyFile(env.TWO_D_DOC_KEY, env.TWO_D_DOC_KEY_PASSPHRASE),
        document: keyFile(env.DOCUMENT_KEY, env.DOCUMENT_KEY_PASSPHRASE),
      },
      twoDDocReference: env.TWO_D_DOC_REFERENCE ?? 'FR000001',
      issuer: env.CERTIFICATE_ISSUER ?? 'CNAM',
      timestampUrl: env.TIMESTAMP_URL,
    },
    issuers,
    incidentMailsPerMinute: Number(env.INCIDENT_MAILS_PER_MINUTE ?? 600),
    incidentAddressDays: Number(env.INCIDENT_ADDRESS_DAYS ?? 7),
    callbacks: {
      slotMinutes: Number(env.CALLBACK_SLOT_MINUTES ?? 20),
      places: Number(env.CALLBACK_PLACES ?? 2),
      noticeMinutes: Number(env.CALLBACK_NOTICE_MINUTES ?? 30),
      days: Number(env.CALLBACK_DAYS ?? 7),
    },
    authorityUpdateDays: Number(env.AUTHORITY_UPDATE_DAYS ?? 2),
  };
}

/**
 * Outside production, a secret that all processes of one installation share without being told: whoever knows the
 * database's address and password could make it, and could do more than that.
 */
function secretForTrying(databaseUrl = ''): string {
  return createHash('sha256').update(`aiguillage\0${databaseUrl}`).digest('base64url');
}

function keyFile(path: string | undefined, passphrase: string | undefined): KeyFile | undefined {
  return path === undefined ? undefined : { path, passphrase };
}

/** Keys as `id:base64,id:base64`, 32 bytes each; for trying, one made like the secret. */
function readKeys(
  name: 'RECORDS_KEYS' | 'RECORDS_INDEX_KEYS',
  env: Static<typeof Environment>,
  faults: string[],
): KeyRing {
  const trying: RecordsKey = {
    id: 'trying',
    key: createHash('sha256')
      .update(`${name}\0${secretForTrying(env.DATABASE_URL)}`)
      .digest(),
  };
  const [first, ...older] = (env[name]?.split(',') ?? []).map((each): RecordsKey => {
    const [, id = '', base64 = ''] = /^\s*([\w.-]{1,40}):([\w+/-]+={0,2})\s*$/.exec(each) ?? [];
    const key = Buffer.from(base64, 'base64');
    if (id === '' || key.length !== 32) faults.push(`${name}: each must be id:base64 of 32 bytes`);
    return { id, key };
  });
  if (!first) return [trying];
  const ring: KeyRing = [first, ...older];
  if (new Set(ring.map(({ id }) => id)).size < ring.length) faults.push(`${name}: an id stands twice`);
  return ring;
}

/** Each issuer needs an address, an identifier and a secret: all three or none; Pro Santé Connect is required in production. */
function readIssuers(
  env: Static<typeof Environment>,
  production: boolean,
  faults: string[],
): readonly IssuerSettings[] {
  const given = [
    {
      key: 'psc',
      name: 'PSC',
      required: production,
      issuer: env.PSC_ISSUER,
      wellKnown: env.PSC_WELL_KNOWN ?? '/.well-known/wallet-openid-configuration',
      clientId: env.PSC_CLIENT_ID,
      clientSecret: env.PSC_CLIENT_SECRET,
      acr: env.PSC_ACR ?? 'eidas1',
    },
    {
      key: 'amelipro',
      name: 'AMELIPRO',
      required: false,
      issuer: env.AMELIPRO_ISSUER,
      wellKnown: env.AMELIPRO_WELL_KNOWN ?? '/.well-known/openid-configuration',
      clientId: env.AMELIPRO_CLIENT_ID,
      clientSecret: env.AMELIPRO_CLIENT_SECRET,
      acr: env.AMELIPRO_ACR ?? 'eidas1',
    },
  ] as const;
  return given.flatMap(({ name, required, issuer, clientId, clientSecret, ...rest }) => {
    if (issuer && clientId && clientSecret) {
      if (production && !issuer.startsWith('https:'))
        faults.push(`${name}_ISSUER: must be https:// in production`);
      return [{ ...rest, issuer: issuer.replace(/\/$/, ''), clientId, clientSecret }];
    }
    if (required || issuer || clientId || clientSecret) {
      faults.push(
        `${name}_ISSUER, ${name}_CLIENT_ID, ${name}_CLIENT_SECRET: all three are needed${
          required ? ' in production (RECORDS=off switches the records off)' : ''
        }`,
      );
    }
    return [];
  });
}
