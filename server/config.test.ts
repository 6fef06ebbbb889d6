import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const secret = 'a secret that is long enough to be one';
/** 32 bytes under a name. */
function aKey(id: string): string {
  return `${id}:${Buffer.alloc(32, id).toString('base64')}`;
}

const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://db.example/aiguillage',
  SMTP_URL: 'smtps://mail.example',
  MAIL_FROM: 'Aiguillage <aide@example.fr>',
  PUBLIC_URL: 'https://aide.example.fr',
  TRUSTED_PROXIES: '1',
  SECRETS: secret,
  RECORDS_KEYS: aKey('seal'),
  RECORDS_INDEX_KEYS: aKey('index'),
  PSC_ISSUER: 'https://psc.example/realms/wallet',
  PSC_CLIENT_ID: 'aiguillage',
  PSC_CLIENT_SECRET: 'the secret of the issuer',
};

describe('the configuration', () => {
  it('needs nothing outside production', () => {
    expect(readConfig({})).toMatchObject({
      production: false,
      databaseUrl: undefined,
      redisUrl: undefined,
      smtpUrl: undefined,
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      dataDirectory: 'data',
      trustedProxies: 0,
      startsAt: undefined,
      logLevel: 'info',
    });
  });

  it('takes an empty variable for one that is not there', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '  ', TEST_NOW: '' })).toMatchObject({
      port: 3000,
      databaseUrl: undefined,
      startsAt: undefined,
    });
  });

  it('says where users find it after the port it is given', () => {
    expect(readConfig({ PORT: '4000' }).publicUrl).toBe('http://localhost:4000');
  });

  it.each([
    ['PORT', '80a'],
    ['PORT', '0'],
    ['PORT', '65536'],
    ['DATABASE_URL', 'mysql://x'],
    ['REDIS_URL', 'http://x'],
    ['SMTP_URL', 'mail.example'],
    ['PUBLIC_URL', 'https://aide.example.fr/'],
    ['PUBLIC_URL', 'aide.example.fr'],
    ['SECRETS', 'short'],
    ['SECRETS', `${secret},short`],
    ['TRUSTED_PROXIES', 'all'],
    ['LOG_LEVEL', 'loud'],
    ['INCIDENT_MAILS_PER_MINUTE', '0'],
    ['INCIDENT_ADDRESS_DAYS', '400'],
    ['TEST_NOW', 'yesterday'],
    ['TEST_NOW', '2026-11-23'],
    ['TEST_NOW', '2026-11-23T10:00:00'],
    ['TEST_NOW', '2026-13-45T10:00:00Z'],
    ['LINKS', '{'],
    ['LINKS', '[]'],
    ['LINKS', '{"amelipro":"http://insecure.example"}'],
    ['LINKS', '{"amelipro":"javascript:alert(1)"}'],
  ])('refuses %s=%s, and names it', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(
      new RegExp(`^The configuration is not right:\n {2}${name}: `),
    );
  });

  it('names every fault at once', () => {
    expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'loud' })).toThrow(/PORT: .*[\s\S]*LOG_LEVEL: /);
  });

  it('never repeats a value, which may be a password', () => {
    try {
      readConfig({ DATABASE_URL: 'mysql://me:hunter2@db', SECRETS: 'hunter3' });
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toMatch(/hunter/);
    }
  });
});

describe('the issuers', () => {
  const psc = {
    PSC_ISSUER: 'http://localhost:9/psc/',
    PSC_CLIENT_ID: 'aiguillage',
    PSC_CLIENT_SECRET: 'secret',
  };

  it('are none unless told, and Pro Santé Connect comes with its own discovery and level', () => {
    expect(readConfig({}).issuers).toEqual([]);
    expect(readConfig(psc).issuers).toEqual([
      {
        key: 'psc',
        issuer: 'http://localhost:9/psc',
        wellKnown: '/.well-known/wallet-openid-configuration',
        clientId: 'aiguillage',
        clientSecret: 'secret',
        acr: 'eidas1',
      },
    ]);
    expect(readConfig({ ...psc, RECORDS: 'off' }).issuers).toEqual([]);
  });

  it('need an address, an identifier and a secret', () => {
    expect(() => readConfig({ ...psc, PSC_CLIENT_SECRET: '' })).toThrow('all three are needed');
    expect(() => readConfig({ AMELIPRO_ISSUER: 'https://amelipro.example' })).toThrow('AMELIPRO_ISSUER');
  });

  it('are required in production, by https, unless the records are off', () => {
    expect(() => readConfig({ ...production, PSC_ISSUER: '' })).toThrow('RECORDS=off');
    expect(readConfig({ ...production, PSC_ISSUER: '', RECORDS: 'off' }).issuers).toEqual([]);
    expect(() => readConfig({ ...production, PSC_ISSUER: 'http://localhost:9/psc' })).toThrow(
      'PSC_ISSUER: must be https://',
    );
  });
});

describe('in production', () => {
  it('takes what is complete', () => {
    expect(readConfig(production)).toMatchObject({ production: true, host: '0.0.0.0', secrets: [secret] });
  });

  it.each(['DATABASE_URL', 'SMTP_URL', 'MAIL_FROM', 'PUBLIC_URL', 'SECRETS'] as const)(
    'refuses to do without %s',
    (name) => {
      expect(() => readConfig({ ...production, [name]: undefined })).toThrow(
        `${name}: required in production`,
      );
    },
  );

  it('refuses a clock of its own', () => {
    expect(() => readConfig({ ...production, TEST_NOW: '2026-11-23T10:00:00+01:00' })).toThrow(
      'TEST_NOW: refused in production',
    );
  });

  it('refuses a public address that cookies are not safe on, unless it is this machine', () => {
    const at = (PUBLIC_URL: string) => readConfig({ ...production, PUBLIC_URL });
    expect(() => at('http://aide.example.fr')).toThrow('PUBLIC_URL: must be https://');
    expect(() => at('http://localhost.example.fr')).toThrow('PUBLIC_URL: must be https://');
    expect(at('http://localhost:3000').publicUrl).toBe('http://localhost:3000');
  });
});

describe('secrets', () => {
  it('are rotated by putting the new one first', () => {
    const older = secret.replace('a secret', 'an older secret');
    expect(readConfig({ SECRETS: `${secret}, ${older}` }).secrets).toEqual([secret, older]);
  });

  it('are one and the same for the processes on one database when none is given', () => {
    const url = 'postgres://postgres:word@127.0.0.1/aiguillage';
    const [first] = readConfig({ DATABASE_URL: url }).secrets;
    expect(first.length).toBeGreaterThanOrEqual(32);
    expect(readConfig({ DATABASE_URL: url }).secrets).toEqual([first]);
    expect(readConfig({ DATABASE_URL: `${url}_2` }).secrets).not.toEqual([first]);
  });
});

describe('the keys of the records', () => {
  it('are rings, of which the first is in use', () => {
    const { records } = readConfig({ RECORDS_KEYS: `${aKey('new')},${aKey('old')}` });
    expect(records.sealingKeys.map(({ id }) => id)).toEqual(['new', 'old']);
  });

  it.each(['k', 'k:c2hvcnQ=', `${aKey('twice')},${aKey('twice')}`, `:${aKey('x')}`])('refuse %s', (keys) => {
    expect(() => readConfig({ RECORDS_KEYS: keys })).toThrow('RECORDS_KEYS: ');
  });

  it('differ between their purposes, and are one and the same for the processes on one database', () => {
    const [one, other] = [1, 2].map(() => readConfig({ DATABASE_URL: 'postgres://a/b' }).records);
    expect(one).toEqual(other);
    expect(one?.sealingKeys[0].key.equals(one.indexKeys[0].key)).toBe(false);
  });

  it('are asked for in production only where there are records', () => {
    const without = { ...production, RECORDS_KEYS: undefined };
    expect(() => readConfig(without)).toThrow('RECORDS_KEYS: required in production');
    expect(readConfig({ ...without, RECORDS: 'off' }).production).toBe(true);
  });
});

describe('the clock of tests', () => {
  it('starts at the instant that TEST_NOW names', () => {
    const { startsAt } = readConfig({ TEST_NOW: '2026-11-23T10:00:00+01:00' });
    expect(startsAt?.toISOString()).toBe('2026-11-23T09:00:00.000Z');
  });
});

describe('links', () => {
  it('are overridden, added and hidden one by one', () => {
    const { links } = readConfig({
      LINKS: '{"amelipro":"https://example.fr/","tutorial":"https://example.fr/tuto.pdf","eCps":""}',
    });
    expect(links).toMatchObject({
      amelipro: 'https://example.fr/',
      tutorial: 'https://example.fr/tuto.pdf',
      eCps: '',
      ameli: readConfig({}).links.ameli,
    });
  });
});

describe('terminologies', () => {
  const own = 'https://example.fr/terms';

  it('are added, renamed and hidden one by one', () => {
    const [open = ''] = Object.keys(readConfig({}).terminologies);
    const { terminologies } = readConfig({ TERMINOLOGIES: JSON.stringify({ [own]: 'Ours' }) });
    expect(terminologies).toEqual({ ...readConfig({}).terminologies, [own]: 'Ours' });
    expect(readConfig({ TERMINOLOGIES: JSON.stringify({ [open]: '' }) }).terminologies).toEqual({});
  });

  it.each(['[', '[]', '{"icd":"ICD"}', '{"http://a b":"ICD"}', `{"${own}":1}`])('refuse %s', (given) => {
    expect(() => readConfig({ TERMINOLOGIES: given })).toThrow('TERMINOLOGIES: ');
  });
});
