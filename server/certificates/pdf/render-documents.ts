/**
 * Purpose: the documents that are printed: the summary (bilan) and the attestation, then signed and verified.
 * Entry points: `renderSummary`, `renderAttestation`; `signPdf` (sign-pdf.ts), `verifyPdf` (verify-pdf.ts).
 * May import: the codes, server/texts.ts.
 */
import { parisDay } from '../../paris-day.ts';
import type { Texts } from '../../texts.ts';
import { drawOutline } from '../codes/draw-code.ts';
import type { AttestationData, DocumentBase, SummaryData } from './document-data.ts';
import { type TaggedDocument, taggedDocument } from './tagged-document.ts';

/** How large codes are printed: a module is then at least three dots of a scanner at 150 dpi. */
const size = { dcc: 78, twoDDoc: 56, link: 32 } as const;

/** What says a sentence in every language of a document. */
type Say = (key: string, parameters?: Readonly<Record<string, string | number>>) => string;

/**
 * The whole of a person's vaccination, every consultation and injection, as PDF (A4, tagged); the same bytes for the
 * same data. Not signed yet.
 */
export async function renderSummary(texts: Texts, data: SummaryData): Promise<Uint8Array> {
  const { document, say } = begin(texts, data, 'summary');
  document.heading(2, say('consultations'));
  if (data.consultations.length === 0) document.paragraph(say('no_consultation'));
  else {
    document.table(
      [
        { header: say('date'), parts: 2 },
        { header: say('outcome'), parts: 4 },
        { header: say('professional'), parts: 4 },
        { header: say('place'), parts: 4 },
      ],
      data.consultations.map(({ date, outcome, until, professional, place }) => [
        day(date),
        outcome === 'deferred' && until
          ? say('outcomes.deferred_until', { until: day(until) })
          : say(`outcomes.${outcome}`),
        professional,
        place ?? '',
      ]),
    );
  }
  document.heading(2, say('injections'));
  if (data.injections.length === 0) document.paragraph(say('no_injection'));
  else {
    document.table(
      [
        { header: say('dose'), parts: 2 },
        { header: say('date'), parts: 3 },
        { header: say('vaccine'), parts: 3 },
        { header: say('lot'), parts: 3 },
        { header: say('professional'), parts: 4 },
        { header: say('place'), parts: 4 },
      ],
      data.injections.map(({ rank, expected, date, vaccine, lot, professional, place }) => [
        `${rank}/${expected}`,
        day(date),
        vaccine,
        lot,
        professional,
        place ?? '',
      ]),
    );
  }
  end(document, say, data);
  return document.finish();
}

/** Where a person stands, with the codes of both formats, as PDF; the same bytes for the same data. Not signed yet. */
export async function renderAttestation(texts: Texts, data: AttestationData): Promise<Uint8Array> {
  const { document, say } = begin(texts, data, 'attestation');
  document.heading(2, say('last_injection'));
  document.pairs([
    [say('vaccine'), data.vaccine],
    [say('date'), day(data.date)],
    [say('dose'), `${data.rank}/${data.expected}`],
    [say('status'), say(`states.${data.state}`)],
    [say('uvci'), data.uvci],
  ]);
  document.figures([
    {
      outline: drawOutline('dcc', data.hc1),
      millimetres: size.dcc,
      alt: say('dcc_alt'),
      caption: say('dcc_caption'),
    },
    ...(data.twoDDoc === undefined
      ? []
      : [
          {
            outline: drawOutline('two_d_doc', data.twoDDoc),
            millimetres: size.twoDDoc,
            alt: say('two_d_doc_alt'),
            caption: say('two_d_doc_caption'),
          },
        ]),
  ]);
  end(document, say, data);
  return document.finish();
}

function begin(texts: Texts, data: DocumentBase, kind: 'summary' | 'attestation') {
  const say: Say = (key, parameters = {}) => {
    const said = data.languages.map((language) =>
      texts.say(language, `certificates.document.${key}`, { ...parameters, number: data.number }),
    );
    return [...new Set(said)].join(' / ');
  };
  const title = texts.say('fr', `certificates.document.${kind}.title`);
  const document = taggedDocument({
    title: `${title} ${data.number}`,
    subject: say(`${kind}.title`),
    author: data.validatedBy,
    keywords: [data.number, `version ${data.recordVersion}`],
    at: new Date(data.issuedAt),
  });
  document.heading(1, say(`${kind}.title`));
  for (const language of data.languages) {
    document.paragraph(texts.say(language, `certificates.document.${kind}.meaning`), {
      language: language === 'fr' ? 'fr-FR' : 'en-GB',
    });
  }
  const { person } = data;
  document.pairs([
    [say('number'), data.number],
    [say('family_name'), person.familyName],
    ...(person.usedName === undefined ? [] : [[say('used_name'), person.usedName] as const]),
    [say('given_names'), person.givenNames.join(', ')],
    [say('birth_date'), day(person.birthDate)],
  ]);
  return { document, say };
}

function end(document: TaggedDocument, say: Say, data: DocumentBase): void {
  document.pairs([
    [say('validated_by'), data.validatedBy],
    [say('issued_on'), day(parisDay(new Date(data.issuedAt)))],
    [say('record_version'), data.recordVersion],
  ]);
  const { url, code } = data.verification;
  document.figures([
    {
      outline: drawOutline('link', verificationLink(data)),
      millimetres: size.link,
      alt: say('verify_alt'),
      caption: say('verify_caption', { code, url }),
    },
  ]);
}

/** Where a phone that scans the document is led: its number and code already typed. */
export function verificationLink({ number, verification }: DocumentBase): string {
  return `${verification.url}?${new URLSearchParams({ numero: number, code: verification.code })}`;
}

/** `2021-03-31` as `31/03/2021`. */
function day(date: string): string {
  return date.split('-').reverse().join('/');
}
