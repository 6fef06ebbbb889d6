import { verify, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { testApp } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { drawPng } from './codes/draw-code.ts';
import { composeDcc, signDcc } from './dcc/sign-dcc.ts';
import { newUvci } from './dcc/uvci.ts';
import { issueSummary, withdraw } from './issue.ts';
import { keyStore } from './keys/key-store.ts';
import { renderSummary } from './pdf/render-documents.ts';
import { signPdf } from './pdf/sign-pdf.ts';
import { PoolIsFull } from './pool/document-pool.ts';
import { revoke } from './revocations.ts';
import { signTwoDDoc } from './two-d-doc/sign-two-d-doc.ts';

const database = testDatabase();
const server = testApp(database);

const uvci = newUvci('FR');
const injection = {
  person: { familyName: 'Martin', givenNames: ['Zoé'], birthDate: '1962-05-31' },
  dose: { rank: 3, primaryDoses: 2 },
  vaccine: 'EU/1/20/1528',
  date: '2021-11-30',
  country: 'FR',
};
let hc1: string;
let twoDDoc: string;
let pdf: Uint8Array;
beforeAll(async () => {
  const { db, config, clock, texts } = server.deps;
  const keys = keyStore({ db, config, clock, maxAgeMs: 0 });
  const issuedAt = clock.now();
  const terms = {
    uvci,
    issuer: 'CNAM',
    country: 'FR',
    issuedAt,
    expiresAt: new Date(issuedAt.getTime() + 86_400_000),
  };
  hc1 = await signDcc(composeDcc(injection, terms), terms, await keys.signer('dcc'));
  twoDDoc = await signTwoDDoc(injection, issuedAt.toISOString().slice(0, 10), await keys.twoDDocSigner());
  const summary = await renderSummary(texts, {
    number: 'BV-1',
    languages: ['fr'],
    issuedAt: issuedAt.toISOString(),
    person: injection.person,
    validatedBy: 'Dr Anne Martin',
    recordVersion: '7',
    verification: { url: 'https://aiguillage.test/verifier', code: 'AAAA' },
    consultations: [],
    injections: [],
  });
  pdf = await signPdf(summary, { signer: await keys.signer('document'), at: issuedAt, reason: 'Bilan' });
});

const ask = async (payload: object, language = 'fr') =>
  server.app.inject({
    method: 'POST',
    url: '/api/certificates/verify',
    payload,
    headers: { 'accept-language': language },
  });

/** The page's answer to a form with a text, or a file. */
async function send(text: string, file?: { readonly type: string; readonly bytes: Uint8Array }) {
  const form = new FormData();
  form.set('text', text);
  if (file) form.set('file', new File([Uint8Array.from(file.bytes)], 'file', { type: file.type }));
  const encoded = new Response(form);
  return server.app.inject({
    method: 'POST',
    url: '/verifier',
    payload: Buffer.from(await encoded.arrayBuffer()),
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
  });
}

describe('the verification of certificates', () => {
  it('finds in order what the service signed', async () => {
    const dcc = await ask({ hc1 });
    expect(dcc.json()).toMatchObject({
      valid: true,
      problems: [],
      content: { name: 'Zoé Martin', vaccine: 'Comirnaty', dose: '3/3', uvci },
    });
    expect((await ask({ twoDDoc })).json()).toMatchObject({
      valid: true,
      content: { name: 'ZOE MARTIN', dose: '3/2' },
    });
  });

  it('names every problem in plain words, in the language asked for', async () => {
    server.clock.set('2030-01-01T00:00:00Z');
    const altered = `${hc1.slice(0, 40)}${hc1[40] === 'A' ? 'B' : 'A'}${hc1.slice(41)}`;
    expect((await ask({ hc1 })).json()).toMatchObject({
      valid: false,
      problems: [{ code: 'expired', message: 'Le certificat a expiré.' }],
    });
    expect((await ask({ hc1 }, 'en')).json().problems[0].message).toBe('The certificate has expired.');
    expect((await ask({ hc1: altered })).json().valid).toBe(false);
    expect((await ask({ twoDDoc: 'DC04' })).json()).toMatchObject({
      content: null,
      problems: [{ code: 'two_d_doc_form' }],
    });
    server.clock.set('2026-11-23T10:00:00+01:00');
  });

  it('refuses questions that it cannot understand', async () => {
    for (const body of [{}, { hc1, twoDDoc }, { hc1: '' }, { hc1, other: 1 }, { hc1: 'x'.repeat(5001) }]) {
      expect((await ask(body)).statusCode).toBe(400);
    }
  });

  it('is a page that takes text, photographs and documents', async () => {
    expect((await server.app.inject('/verifier')).body).toContain('enctype="multipart/form-data"');
    expect((await send(hc1)).body).toContain('Zoé Martin');
    expect((await send(twoDDoc)).body).toContain('notice-success');
    const photo = await send('', { type: 'image/png', bytes: await drawPng('dcc', hc1) });
    expect(photo.body).toContain('notice-success');
    const other = await send('', { type: 'image/png', bytes: await drawPng('two_d_doc', twoDDoc) });
    expect(other.body).toContain('notice-success');
    const document = await send('', { type: 'application/pdf', bytes: pdf });
    expect(document.body).toContain('notice-success');
    expect(document.body).toContain('Dr Anne Martin');
    const appended = await send('', { type: 'application/pdf', bytes: new Uint8Array([...pdf, 32]) });
    expect(appended.body).toContain('ajouté au document après sa signature');
  });

  it('names no signer beside a signature that is wrong', async () => {
    expect((await send(twoDDoc)).body).toContain('Signé par');
    const forged = (await send(twoDDoc.replace('MARTIN', 'MARTON'))).body;
    expect(forged).toContain('La signature est fausse');
    expect(forged).not.toContain('Signé par');
  });

  it('gives a form back with what was typed and what is wrong', async () => {
    for (const [response, words] of [
      [await send(''), 'Collez le texte'],
      [await send('<b>bonjour</b>'), 'ni un certificat européen'],
      [await send('', { type: 'image/png', bytes: new Uint8Array([1, 2, 3]) }), 'Aucun code'],
    ] as const) {
      expect(response.statusCode).toBe(422);
      expect(response.body).toContain(words);
    }
    expect((await send('<b>bonjour</b>')).body).toContain('&lt;b&gt;bonjour');
    const tooLarge = await send('', { type: 'image/png', bytes: new Uint8Array(9 * 1024 * 1024) });
    expect(tooLarge.statusCode).toBe(422);
    expect(tooLarge.body).toContain('plus de 8');
    expect(tooLarge.body).toMatch(/id="file"[^>]+aria-invalid="true"[^>]+file-error/);
  });

  it('asks to come back while too many pictures wait, and says nothing of theirs', async () => {
    const full = vi.spyOn(server.deps.certificates.pool, 'picture').mockRejectedValue(new PoolIsFull());
    const busy = await send('', { type: 'image/png', bytes: new Uint8Array([1, 2, 3]) });
    full.mockRestore();
    expect(busy.statusCode).toBe(503);
    expect(busy.headers['retry-after']).toBe('10');
    expect(busy.body).toContain('Réessayez dans quelques secondes');
    expect(busy.body).not.toContain('Aucun code');
  });

  it('takes the number and the code of a document, typed or followed from its QR code', async () => {
    const { db, clock, config, certificates } = server.deps;
    const { keys, pool } = certificates;
    const issued = await issueSummary(
      { db, keys, pool, issuer: 'CNAM', publicUrl: config.publicUrl, now: clock.now() },
      {
        subject: 'patient-9',
        languages: ['fr'],
        person: injection.person,
        validatedBy: 'Dr Anne Martin',
        recordVersion: '12',
        consultations: [],
        injections: [],
      },
    );
    const { number, verificationCode: code } = issued;
    const look = (query: Record<string, string>) =>
      server.app.inject({ url: `/verifier?${new URLSearchParams(query)}` });
    const found = await look({ numero: number, code });
    expect(found.statusCode).toBe(200);
    for (const said of ['notice-success', 'Dr Anne Martin', number, code, 'TEST document']) {
      expect(found.body).toContain(said);
    }
    for (const hidden of ['Zoé', '1962', 'pièce d’identité']) expect(found.body).not.toContain(hidden);
    for (const [query, words] of [
      [{ numero: number, code: 'AAAA-AAAA-AAAA' }, 'Aucun document ne porte ce numéro'],
      [{ numero: 'AV-2020-000001', code }, 'Aucun document ne porte ce numéro'],
      [{ numero: number, code: '' }, 'Tapez le code'],
      [{ numero: '', code }, 'Tapez le numéro'],
    ] as const) {
      const refused = await look(query);
      expect(refused.statusCode).toBe(422);
      expect(refused.body).toContain(words);
      expect(refused.body).not.toContain('Dr Anne Martin');
    }
    expect((await ask({ document: { number, code } })).json()).toMatchObject({
      valid: true,
      content: { number, recordVersion: '12' },
    });
    const wrong = await ask({ document: { number, code: 'x' } });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.json().errors).toMatchObject([{ path: '/document/code' }]);
    await db.transaction((tx) => withdraw(tx, issued, 'corrected', clock.now()));
    expect((await look({ numero: number, code })).body).toContain('révoqué');
  });

  it('lets nobody guess codes for long', async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 61; index++) {
      const url = `/verifier?numero=BV-2026-000001&code=${index}`;
      const { statusCode } = await server.app.inject({ url, remoteAddress: '192.0.2.77' });
      statuses.push(statusCode);
    }
    expect(statuses.filter((each) => each === 422)).toHaveLength(60);
    expect(statuses.at(-1)).toBe(429);
  });

  it('knows what is revoked, and publishes it signed', async () => {
    await revoke(database.db, uvci.toLowerCase(), 'corrected', server.clock.now());
    await revoke(database.db, 'BV-1', 'corrected', server.clock.now());
    expect((await ask({ hc1 })).json()).toMatchObject({ valid: false, problems: [{ code: 'revoked' }] });
    expect((await send('', { type: 'application/pdf', bytes: pdf })).body).toContain('révoqué');
    const response = await server.app.inject('/api/certificates/revocations');
    expect(response.headers['cache-control']).toBe('public, max-age=300');
    const { payload, signature, certificate } = response.json();
    const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'));
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha256', Buffer.from(payload), key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(JSON.parse(payload).revocations.map((each: { reference: string }) => each.reference)).toContain(
      uvci.split('#')[0],
    );
  });
});
