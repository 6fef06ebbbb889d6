import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTexts } from '../../texts.ts';
import { drawPng, drawSvg } from '../codes/draw-code.ts';
import { readPicture } from '../codes/read-picture.ts';
import { composeDcc, signDcc } from '../dcc/sign-dcc.ts';
import { newUvci } from '../dcc/uvci.ts';
import { selfSigned } from '../keys/self-signed.ts';
import { localSigner, type Signer } from '../signer.ts';
import { type TrustList, trustedSigner, trustList } from '../trust-list.ts';
import { signTwoDDoc } from '../two-d-doc/sign-two-d-doc.ts';
import type { AttestationData, SummaryData } from './document-data.ts';
import { renderAttestation, renderSummary } from './render-documents.ts';
import { signPdf } from './sign-pdf.ts';
import { verifyPdf } from './verify-pdf.ts';

const texts = loadTexts();
const at = new Date('2021-12-01T10:00:00Z');
const person = { familyName: 'Lefèvre-Ångström', givenNames: ['Zoé', 'Éloïse'], birthDate: '1962-05-31' };
const base = {
  number: 'BV-2021-000001',
  languages: ['fr', 'en'],
  issuedAt: at.toISOString(),
  person,
  validatedBy: 'Dr Anne Martin, médecin (RPPS 10001234567)',
  recordVersion: '7',
  verification: { url: 'https://aiguillage.test/verifier', code: 'K7QM-2PXR' },
} as const;
const summary: SummaryData = {
  ...base,
  consultations: [
    {
      date: '2021-01-10',
      outcome: 'deferred',
      until: '2021-01-20',
      professional: 'Dr Anne Martin',
      place: 'Cabinet',
    },
    { date: '2021-01-20', outcome: 'fit', professional: 'Dr Anne Martin' },
  ],
  injections: Array.from({ length: 40 }, (_, index) => ({
    date: '2021-01-21',
    vaccine: 'Comirnaty',
    lot: `LOT${index}`,
    rank: 1,
    expected: 2,
    professional: 'Infirmière Hélène Dupré',
    place: 'Centre de vaccination de l’Étang',
  })),
};

let signer: Signer;
let trust: TrustList;
let attestation: AttestationData;
beforeAll(async () => {
  const made = selfSigned('Service de test', {
    validFrom: new Date('2021-01-01'),
    validTo: new Date('2040-01-01'),
  });
  signer = localSigner(made.privateKey, made.certificate);
  trust = trustList([trustedSigner('document', made.certificate)]);
  const injection = {
    person,
    dose: { rank: 2, primaryDoses: 2 },
    vaccine: 'EU/1/20/1528',
    date: '2021-11-30',
    country: 'FR',
  };
  const uvci = newUvci('FR');
  const terms = { uvci, issuer: 'CNAM', country: 'FR', issuedAt: at, expiresAt: new Date('2023-12-01') };
  attestation = {
    ...base,
    vaccine: 'Comirnaty',
    date: '2021-11-30',
    rank: 2,
    expected: 2,
    state: 'complete',
    uvci,
    hc1: await signDcc(composeDcc(injection, terms), terms, signer),
    twoDDoc: await signTwoDDoc(injection, '2021-12-01', { signer, authority: 'FR00', certificate: '0001' }),
  };
});

const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a tool of poppler says of a PDF; undefined where poppler is not installed. */
function poppler(tool: 'pdfsig' | 'pdfinfo' | 'pdftotext', pdf: Uint8Array, ...options: string[]) {
  if (spawnSync(tool, ['-v']).error) return undefined;
  const file = join(folder, 'document.pdf');
  writeFileSync(file, pdf);
  return execFileSync(tool, [...options, file, ...(tool === 'pdftotext' ? ['-'] : [])], { encoding: 'utf8' });
}
const hasPoppler = !spawnSync('pdfsig', ['-v']).error;
/** Ends the title of a test that another reader of PDF takes part in. */
const unlessPoppler = hasPoppler ? '' : ', skipped: poppler-utils is not installed';

const sign = (pdf: Uint8Array) => signPdf(pdf, { signer, at, reason: 'Bilan de vaccination' });

describe('the documents', () => {
  it('are the same bytes for the same data', async () => {
    const first = await renderSummary(texts, summary);
    expect(Buffer.from(await renderSummary(texts, summary)).equals(first)).toBe(true);
    expect(
      Buffer.from(await renderAttestation(texts, attestation)).equals(
        await renderAttestation(texts, attestation),
      ),
    ).toBe(true);
    expect(first.length).toBeLessThan(200_000);
  });

  it.skipIf(!hasPoppler)(
    `are tagged, on A4, with language, title, headers, accents${unlessPoppler}`,
    async () => {
      const pdf = await renderSummary(texts, summary);
      const info = poppler('pdfinfo', pdf) ?? '';
      expect(info).toMatch(/Tagged:\s+yes/);
      expect(info).toContain('A4');
      expect(info).toMatch(/Title:\s+Bilan de vaccination BV-2021-000001/);
      const structure = poppler('pdfinfo', pdf, '-struct-text') ?? '';
      expect(structure).toMatch(/TH[\s\S]+Lot/);
      expect(structure).toContain('H1');
      const text = poppler('pdftotext', pdf) ?? '';
      for (const each of [
        'Lefèvre-Ångström',
        'Éloïse',
        'vaut certificat médical',
        'LOT39',
        'Vaccination reportée au 20/01/2021',
        'is the medical certificate',
      ]) {
        expect(text.replaceAll(/\s+/g, ' ')).toContain(each);
      }
      expect(Buffer.from(pdf).toString('latin1')).toContain('/Lang (fr-FR)');
      expect(poppler('pdfinfo', await renderAttestation(texts, attestation), '-struct') ?? '').toContain(
        'Figure',
      );
    },
  );

  it('have codes that are read back from the page as a scanner at 150 dpi sees it', async () => {
    const pdf = await sign(await renderAttestation(texts, attestation));
    const library = await PDFiumLibrary.init();
    const document = await library.loadDocument(pdf);
    const found: string[] = [];
    for (const page of document.pages()) {
      const { data } = await page.render({
        scale: 150 / 72,
        render: async ({ data: bgra, width, height }) => {
          const png = new PNG({ width, height });
          for (let pixel = 0; pixel < bgra.length; pixel += 4) {
            png.data.set([bgra[pixel + 2] ?? 0, bgra[pixel + 1] ?? 0, bgra[pixel] ?? 0, 255], pixel);
          }
          return PNG.sync.write(png);
        },
      });
      found.push(...(await readPicture(new Uint8Array(data))));
    }
    document.destroy();
    library.destroy();
    expect(found).toContain(attestation.hc1);
    expect(found).toContain(`${base.verification.url}?numero=BV-2021-000001&code=K7QM-2PXR`);
    expect(found.map((each) => each.replaceAll('<GS>', '\x1d').replaceAll('<US>', '\x1f'))).toContain(
      attestation.twoDDoc,
    );
  });

  it('have their codes as pictures for a phone too', async () => {
    expect(await readPicture(await drawPng('dcc', attestation.hc1))).toEqual([attestation.hc1]);
    expect(drawSvg('two_d_doc', attestation.twoDDoc ?? '')).toMatch(/^<svg[\s\S]+<\/svg>\s*$/);
  });
});

describe('a signed document', () => {
  it('is believed, whole, with what PAdES asks for and without what it forbids', async () => {
    const verified = verifyPdf(await sign(await renderSummary(texts, summary)), trust);
    expect(verified.findings).toEqual([]);
    expect(verified.signer).toBe('Service de test');
    expect(verified.document).toEqual({
      title: 'Bilan de vaccination BV-2021-000001',
      validatedBy: base.validatedBy,
      number: 'BV-2021-000001',
      recordVersion: '7',
    });
    expect(verified.signedAttributes).toContain('1.2.840.113549.1.9.16.2.47');
    expect(verified.signedAttributes).not.toContain('1.2.840.113549.1.9.5');
  });

  it.skipIf(!hasPoppler)(`is found valid by another reader${unlessPoppler}`, async () => {
    const said = poppler('pdfsig', await sign(await renderSummary(texts, summary)), '-nocert') ?? '';
    expect(said).toContain('Signature is Valid');
    expect(said).toContain('Total document signed');
    expect(said).toContain('ETSI.CAdES.detached');
  });

  it('is refused with any byte altered or appended, by another signer, or unsigned', async () => {
    const unsigned = await renderAttestation(texts, attestation);
    const pdf = await sign(unsigned);
    const codes = (bytes: Uint8Array, by = trust) => verifyPdf(bytes, by).findings.map(({ code }) => code);
    const text = Buffer.from(pdf).toString('latin1');
    const signature = text.lastIndexOf('/Contents <') + '/Contents <'.length;
    const steps = Array.from({ length: 60 }, (_, step) => Math.floor((pdf.length * step) / 60));
    // Every digit of it, and the zeros that fill the place kept for it.
    const digits = Array.from({ length: 4_000 }, (_, digit) => signature + digit);
    for (const position of [...steps, ...digits]) {
      const altered = Uint8Array.from(pdf);
      altered[position] = (altered[position] ?? 0) ^ 1;
      expect(codes(altered), `byte ${position}`).not.toEqual([]);
    }
    expect(codes(new Uint8Array([...pdf, 10]))).toEqual(['changed_after']);
    expect(codes(pdf, trustList([]))).toEqual(['unknown_signer']);
    expect(codes(unsigned)).toEqual(['unsigned']);
    expect(codes(new Uint8Array([1, 2, 3]))).toEqual(['not_pdf']);
    expect(codes(pdf.slice(0, -100))).toEqual(['not_whole']);
    // Longer than any signature is, as somebody would send it to keep the service busy.
    const more = 200_000;
    const filled = text
      .replace(/(\/ByteRange \[0 \d+ +)(\d+)( +)/, (_, before: string, after: string, gap: string) => {
        const later = String(Number(after) + more);
        return before + later + gap.slice(later.length - after.length);
      })
      .replace(/0{100}>/, (zeros) => '0'.repeat(more) + zeros);
    expect(codes(new Uint8Array(Buffer.from(filled, 'latin1')))).toEqual(['signature_form']);
  });
});
