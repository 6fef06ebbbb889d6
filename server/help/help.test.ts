import { eq } from 'drizzle-orm';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../app.ts';
import { hotlineTimetables } from '../database/schema.ts';
import { testApp, testDependencies } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);

async function read(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await server.app.inject({ url, headers });
  expect(response.statusCode).toBe(200);
  return response.body.replaceAll('\u00a0', ' ').replaceAll('&#x27;', "'");
}

/** The card of one line. */
function card(html: string, id: string): string {
  const from = html.indexOf(`aria-labelledby="line-${id}"`);
  expect(from).toBeGreaterThan(0);
  return html.slice(from, html.indexOf('</section>', from));
}

describe('the help page', () => {
  it('shows both lines with number, price, whom they serve, and hours only where they are known', async () => {
    server.clock.set('2026-11-23T10:00:00+01:00');
    const html = await read('/aide');
    const establishments = card(html, 'etablissements');
    expect(establishments).toContain('href="tel:0800081207">0 800 08 12 07</a>');
    expect(establishments).toContain('Service et appel gratuits');
    expect(establishments).toContain('centres de vaccination');
    expect(establishments).toContain('Ouvert jusqu’à 20 h 00');
    expect(establishments).toContain('Tous les jours, de 9 h 00 à 20 h 00. Jours fériés compris.');
    const independents = card(html, 'liberaux');
    expect(independents).toContain('href="tel:3608">3608</a>');
    expect(independents).toContain('prix d’un appel');
    expect(independents).toContain('Horaires non communiqués');
    expect(independents).not.toMatch(/Ouvert|Fermé/);
  });

  it('says when a closed line opens, in machine-readable form too', async () => {
    server.clock.set('2026-11-23T20:00:00+01:00');
    const establishments = card(await read('/aide'), 'etablissements');
    expect(establishments).toContain('Fermé — ouvre demain à 9 h 00');
    expect(establishments).toContain('<time datetime="2026-11-24T09:00:00+01:00" data-zone="Europe/Paris">');
  });

  it('follows the configured hours', async () => {
    server.clock.set('2026-11-25T10:00:00+01:00');
    await database.db
      .update(hotlineTimetables)
      .set({ validTo: '2026-11-25' })
      .where(eq(hotlineTimetables.hotlineId, 'etablissements'));
    expect(card(await read('/aide'), 'etablissements')).toContain('Horaires non communiqués');
    await database.db.update(hotlineTimetables).set({ validTo: null });
  });

  it('offers what the notice offers, and says so when an address is not configured', async () => {
    const html = await read('/aide', { 'accept-language': 'en' });
    expect(html).toContain('href="https://espacepro.ameli.fr/"');
    expect(html).toContain('href="https://esante.gouv.fr/produits-services/e-cps"');
    expect(html).toContain('The tutorial');
    expect(html).toContain('No address is set here');
  });
});

describe('with every address configured', () => {
  let configured: FastifyInstance;
  beforeAll(async () => {
    const deps = testDependencies(database);
    const links = {
      tutorial: 'https://example.org/tutoriel.pdf',
      eCps: '',
      eCpsSupport: 'tel:0806800213',
      serviceContact: 'https://example.org/contact',
    };
    configured = await buildApp({ ...deps, config: { ...deps.config, links } });
  });
  afterAll(() => configured.close());

  it('shows them, telephone numbers written out, and hides what is emptied', async () => {
    const { body } = await configured.inject('/aide');
    expect(body).toContain('href="https://example.org/tutoriel.pdf"');
    expect(body).toContain('href="tel:0806800213">Assistance e-CPS\u00a0: 0 806 80 02 13</a>');
    expect(body).not.toContain('esante.gouv.fr');
    expect((await configured.inject('/a-propos')).body).toContain('href="https://example.org/contact"');
  });
});

describe('what the service says about itself', () => {
  it('has its statements on accessibility and personal data, in both languages', async () => {
    const french = await read('/a-propos');
    expect(french).toContain('id="accessibilite"');
    expect(french).toContain('id="donnees"');
    expect(french).toContain('RGAA');
    const english = await read('/a-propos?lang=en');
    expect(english).toContain('<html lang="en">');
    expect(english).toContain('social security number');
  });

  it('says of the records what is configured, and nothing where there are none', async () => {
    expect(await read('/a-propos')).not.toContain('id="dossiers"');
    const environment = {
      ...{ PSC_ISSUER: 'https://psc.test', PSC_CLIENT_ID: 'id', PSC_CLIENT_SECRET: 'secret' },
      ...{ RECORDS_YEARS: '12', RECORDS_ARCHIVED_YEARS: '25', ACCESS_LOG_DAYS: '400' },
    };
    for (const [retention, held] of [
      ['on', false],
      ['dry-run', true],
    ] as const) {
      const { config } = testDependencies(database, server.clock, {
        ...environment,
        RECORDS_RETENTION: retention,
      });
      const app = await buildApp({ ...server.deps, config });
      const { body } = await app.inject({ url: '/a-propos', headers: { 'accept-language': 'fr' } });
      await app.close();
      for (const words of [
        'gardé 12\u00a0ans',
        'puis 25\u00a0ans',
        'gardé 400\u00a0jours',
        'décret n°\u00a02020-1690',
      ])
        expect(body).toContain(words);
      expect(body.includes('suspendus')).toBe(held);
    }
  });

  it('is linked from every page, and none invents an address', async () => {
    for (const url of ['/', '/aide', '/a-propos']) {
      const html = await read(url);
      expect(html).toContain('href="/a-propos#accessibilite"');
      const addresses = [...html.matchAll(/href="(https?:[^"]*)"/g)].map((match) => match[1]);
      const known = Object.values(server.deps.config.links);
      expect(addresses.filter((address) => !known.includes(address ?? ''))).toEqual([]);
    }
  });
});
