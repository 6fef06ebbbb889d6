import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'drizzle-orm';
import Fastify, { type FastifyInstance } from 'fastify';
import { Redis } from 'ioredis';
import { afterEach, beforeAll, describe, expect, inject, it, test } from 'vitest';
import { outbox } from '#server/database/outbox.table.ts';
import { smtpTransport } from '#server/mail/smtp-transport.ts';
import { startSmtp } from '#server/mail/testing/smtp.ts';
import { formatNir } from '#server/records/patients/nir.ts';
import { redisMissing, startRedis } from '#workers/testing/redis.ts';
import { execute } from '../global-setup.ts';
import { aNir } from '../patients.ts';
import { testApp } from '../test-app.ts';
import { testDatabase } from '../test-database.ts';
import { knownNumbers } from './numbers.ts';
import { searchTables } from './tables.ts';
import { nirWatch, openWatch, refuseFinds } from './watch.ts';

const database = testDatabase();
const server = testApp(database);
const nir = aNir();

/** Where this file's watch has found a NIR since this was last asked: taken from it, or this file would fail. */
const places = () => nirWatch.taken().map(({ place }) => place);

afterEach(() => expect(places()).toEqual([]));

describe('a find', () => {
  it('fails the file, saying where and in which test, and never the number', () => {
    nirWatch.look('a place', `Madame 12, ${formatNir(nir)}, à Lyon 69003`);
    const thrown = () => refuseFinds(nirWatch);
    expect(thrown).toThrow(/a place, in “a find > fails the file.*: Madame ••, \[NIR\]\s••, à Lyon •••••$/);
    expect(thrown).not.toThrow();
  });

  it('fails a whole run though all its tests pass', async () => {
    const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
    const config = join(import.meta.dirname, 'leaking/vitest.config.ts');
    const root = join(import.meta.dirname, '../../..');
    const run = promisify(execFile)(process.execPath, [vitest, 'run', '--config', config, '--root', root]);
    const said: string = await run.then(
      () => 'passed',
      ({ stdout, stderr }) => stdout + stderr,
    );
    expect(said).toContain('a line of the log, in “a test that sees nothing wrong”');
    expect(said).not.toContain('2 95 10');
    expect(said).toMatch(/1 failed/);
  });
});

describe('the watch finds a NIR', () => {
  test('that stands in the tests’ sources without being told of it', () => {
    expect(inject('nirs')).toContain('295109912611193');
    expect(nirWatch.numbers.findIn('163127847704294')).toBeDefined();
  });

  test('in a line of the log of an app', () => {
    server.deps.log.trace({ who: nir }, 'asked');
    server.app.log.info(`for ${formatNir(nir)}`);
    expect(places()).toEqual(['a line of the log', 'a line of the log']);
  });

  describe('in what an app answers', () => {
    let app: FastifyInstance;
    beforeAll(async () => {
      app = Fastify();
      app.get('/refused', async (_, reply) => reply.code(404).send({ detail: `nobody has ${nir}` }));
      app.get('/moved', async (_, reply) => reply.redirect(`/dossiers?nir=${nir}`));
      app.get('/desk', async (_, reply) => reply.type('text/html').send(`<p>${formatNir(nir)}</p>`));
      app.get('/dossiers/:id', async (_, reply) =>
        reply.type('text/html').send(`<p>${nir}</p><a href="/dossiers?nir=${nir}">…</a>`),
      );
      app.get('/api/records/:id', async () => ({ nir }));
      app.post('/form', async ({ body }, reply) => {
        const { typed, sent } = body as { readonly typed: string; readonly sent?: string };
        return reply
          .code(422)
          .type('text/html')
          .send(`<textarea id="t">${typed}</textarea><input value="${typed}">${sent ?? ''}`);
      });
    });
    const post = (payload: object) => app.inject({ method: 'POST', url: '/form', payload });

    it.each([
      ['of an error', '/refused', 'answer 404 to GET /refused'],
      ['where it leads', '/moved', 'header location of answer 302 to GET /moved'],
      ['outside the records', '/desk', 'answer 200 to GET /desk'],
      ['in the addresses of a file', '/dossiers/1', 'answer 200 to GET /dossiers/:id'],
    ])('%s', async (_, url, place) => {
      await app.inject(url);
      expect(places()).toEqual([place]);
    });

    it('though it was asked for by it', async () => {
      await app.inject({ url: `/api/records/1?nir=${nir}`, headers: { referer: `http://a.test/?${nir}` } });
      expect(places()).toEqual([
        'the address of a request that was not refused, GET /api/records/:id',
        'the referer of GET /api/records/:id',
      ]);
    });

    it('but not in the file that it is of, nor in the fields of a form given back to who typed it', async () => {
      await app.inject('/api/records/1');
      await post({ typed: nir });
      expect(places()).toEqual([]);
      await post({ typed: nir, sent: `<p>${nir} ?</p>` });
      expect(places()).toEqual(['answer 422 to POST /form']);
    });

    it('to a NIR that only this request was made with', async () => {
      // In two, so that it is not in the sources.
      const typed = `1999900000000${78}`;
      await post({ typed, sent: typed });
      expect(places()).toEqual(['answer 422 to POST /form']);
    });
  });

  test('in what a pool sends to the database, though it is deleted at once', async () => {
    const job = { job: 'x', notBefore: new Date(0), createdAt: new Date(0) };
    await database.db.insert(outbox).values({ ...job, payload: { patient: nir } });
    await database.db.delete(outbox);
    await database.connection.pool.query('select $1::bytea', [Buffer.from(nir)]);
    await database.db.execute(sql.raw(`select '${nir}'`));
    expect(places()).toEqual([
      expect.stringMatching(/^a value of “insert into "outbox"/),
      'a value of “select $1::bytea…”',
      'the text of a statement',
    ]);
  });

  test('in any table, as another process left it there', async () => {
    const hex = Buffer.from(nir).toString('hex');
    for (const statement of [
      `insert into outbox (job, payload, not_before, created_at) values ('x', '{"nir":${nir}}', now(), now())`,
      `create schema other; create table other.kept (id uuid, bytes bytea, words text[])`,
      `insert into other.kept values (gen_random_uuid(), '\\x00${hex}ff', null), (null, null, '{a,"${formatNir(nir)}"}')`,
    ])
      await execute(database.url, statement);
    await searchTables(database.url, nirWatch);
    expect(places().sort()).toEqual([
      'column bytes of other.kept',
      'column payload of public.outbox',
      'column words of other.kept',
    ]);
    await execute(database.url, 'drop schema other cascade; delete from outbox');
    await searchTables(database.url, nirWatch);
  });

  test('in a mail, in its subject as in its bodies and what is attached', async () => {
    const smtp = await startSmtp();
    const transport = smtpTransport({ url: smtp.url });
    await transport.deliver({
      from: 'a@a.test',
      to: 'b@b.test',
      subject: `Été ${formatNir(nir)}`,
      text: `numéro ${formatNir(nir)}`,
      html: `<p>${nir}</p>`,
      attachments: [{ filename: 'a.ics', content: nir }],
    });
    await transport.close();
    await smtp.close();
    expect(places()).toEqual([
      'the subject of a mail',
      'the text of a mail',
      'the HTML of a mail',
      'an attachment of a mail',
    ]);
  });

  const missing = redisMissing();
  describe.skipIf(missing)(`in a Redis${missing ? `, skipped: ${missing}` : ''}`, () => {
    test('though it is forgotten at once', async () => {
      const redis = await startRedis();
      const client = new Redis(redis.url);
      await client.hset('bull:cases:7', { data: JSON.stringify({ nir }) });
      await client.flushall();
      client.disconnect();
      await redis.remove();
      expect(places()).toEqual([expect.stringMatching(/^the file appendonlydir.*\.aof$/)]);
    });
  });
});

test('a NIR that nobody knows is none', () => {
  const watch = openWatch(knownNumbers());
  watch.look('a place', nir);
  expect(() => refuseFinds(watch)).not.toThrow();
});
