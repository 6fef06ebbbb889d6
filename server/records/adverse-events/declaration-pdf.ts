import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import type { Terminologies } from '../../terminologies.ts';
import type { Language, Texts } from '../../texts.ts';
import { sayDay } from '../rules/finding-words.ts';
import { sayTerm } from './adverse-event-terms.ts';
import type { DeclarationDocument } from './declaration-document.ts';

const fonts = createRequire(import.meta.url);
const regular = fonts.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const bold = fonts.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

/**
 * The declaration for the pharmacovigilance centre on A4, tagged for screen readers, with every letter of every name.
 * @returns the PDF's bytes.
 */
export async function declarationPdf(
  texts: Texts,
  { language, terminologies }: { readonly language: Language; readonly terminologies: Terminologies },
  declaration: DeclarationDocument,
  now: Date,
): Promise<Buffer> {
  const say = (key: string, parameters = {}) => texts.say(language, key, parameters);
  const title = say('records-adverse-events.document.title');
  const pdf = new PDFDocument({
    size: 'A4',
    margin: 56,
    lang: language === 'fr' ? 'fr-FR' : 'en-GB',
    tagged: true,
    displayTitle: true,
    pdfVersion: '1.7',
    // Supported since 0.13; the types do not name it yet.
    subset: 'PDF/UA' as 'PDF/A-1',
    info: { Title: title, CreationDate: now },
  });
  const chunks: Buffer[] = [];
  const done = new Promise<void>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', resolve);
    pdf.on('error', reject);
  });
  const root = pdf.struct('Document');
  pdf.addStructure(root);
  const add = (tag: 'H1' | 'H2' | 'P', size: number, font: string, text: string, gap = 3) => {
    root.add(
      pdf.struct(tag, {}, () => {
        pdf.font(font).fontSize(size).text(text, { paragraphGap: gap });
      }),
    );
  };
  add('H1', 16, bold, title, 8);
  add('P', 9, regular, declaration.centre ?? say('records-adverse-events.document.no_centre'), 10);
  for (const { heading, lines } of sectionsOf(say, { language, terminologies }, declaration)) {
    add('H2', 12, bold, heading, 4);
    for (const line of lines) add('P', 10, regular, line);
    pdf.moveDown(0.5);
  }
  root.end();
  pdf.end();
  await done;
  return Buffer.concat(chunks);
}

type Say = (key: string, parameters?: Record<string, string | number>) => string;

interface Section {
  readonly heading: string;
  readonly lines: readonly string[];
}

/** The declaration in words, section by section; what is not known is left out. */
export function sectionsOf(
  say: Say,
  { language, terminologies }: { readonly language: Language; readonly terminologies: Terminologies },
  document: DeclarationDocument,
): readonly Section[] {
  const { patient, vaccine, event } = document;
  const line = (label: string, value: string | null) =>
    value === null || value === ''
      ? []
      : [
          say('records-adverse-events.document.line', {
            label: say(`records-adverse-events.document.${label}`),
            value,
          }),
        ];
  const day = (label: string, value: string | null) => line(label, value && sayDay(language, value));
  const yes = (value: boolean | null) =>
    value === null
      ? null
      : say(value ? 'records-adverse-events.document.yes' : 'records-adverse-events.document.no');
  const moment = (iso: string) =>
    new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
      timeZone: 'Europe/Paris',
      dateStyle: 'long',
      timeStyle: 'short',
    }).format(new Date(iso));
  return [
    {
      heading: say('records-adverse-events.document.patient'),
      lines: [
        ...line('initials', `${patient.familyName} ${patient.givenName}`),
        ...day('birth_date', patient.birthDate),
        ...line('sex', say(`records-adverse-events.sexes.${patient.sex}`)),
      ],
    },
    {
      heading: say('records-adverse-events.document.vaccine'),
      lines: [
        ...line('name', vaccine.maker === null ? vaccine.name : `${vaccine.name} (${vaccine.maker})`),
        ...line('authorisation', vaccine.emaNumber),
        ...line('lot', vaccine.lot),
        ...day('lot_expiry', vaccine.lotExpiry),
        ...line('lot_suspected', yes(vaccine.lotSuspected)),
        ...line('given', moment(vaccine.givenAt)),
        ...line('rank', vaccine.rank),
        ...line('place', [vaccine.place, vaccine.finess].filter(Boolean).join(' – ')),
      ],
    },
    {
      heading: say('records-adverse-events.document.event'),
      lines: [
        ...line('onset', moment(event.onset)),
        ...line('days', String(event.daysAfterDose)),
        ...line('description', event.description),
        ...event.terms.flatMap((term) => line('term', sayTerm(terminologies, term))),
        ...line('serious', yes(event.serious)),
        ...line(
          'criteria',
          event.criteria.map((each) => say(`records-adverse-events.criteria.${each}`)).join(', '),
        ),
        ...day('hospitalised_from', event.hospitalisedFrom),
        ...day('hospitalised_to', event.hospitalisedTo),
        ...day('died', event.diedOn),
        ...line('outcome', say(`records-adverse-events.outcomes.${event.outcome}`)),
        ...day('ended', event.endedOn),
        ...line('pregnancy', yes(event.pregnancy)),
        ...line('weeks', event.pregnancyWeeks === null ? null : String(event.pregnancyWeeks)),
      ],
    },
    {
      heading: say('records-adverse-events.document.declarer'),
      lines: [
        ...line('declared_by', `${document.declaredBy.name} (${document.declaredBy.nationalIdentifier})`),
        ...line('entered_by', `${document.enteredBy.name} (${document.enteredBy.nationalIdentifier})`),
        ...line('state', say(`records-adverse-events.states.${document.state}`)),
        ...line('number', document.acknowledgement),
        ...line('reference', `${document.id} / ${document.version}`),
      ],
    },
  ];
}
