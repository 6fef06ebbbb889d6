import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import PDFDocument from 'pdfkit';
import type { CodeOutline } from '../codes/draw-code.ts';

const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const millimetre = 72 / 25.4;
const margin = 18 * millimetre;

export interface TableColumn {
  readonly header: string;
  /** Of the table's width, in parts. */
  readonly parts: number;
}

/** A document of A4 pages for print and for screen readers, written from top to bottom. */
export interface TaggedDocument {
  heading(level: 1 | 2, text: string): void;
  paragraph(
    text: string,
    options?: { readonly language?: string; readonly strong?: boolean; readonly small?: boolean },
  ): void;
  /** Terms and what they are, a line each. */
  pairs(rows: readonly (readonly [string, string])[]): void;
  table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): void;
  /** Codes side by side, each with its words for those who do not see it. */
  figures(
    codes: readonly {
      readonly outline: CodeOutline;
      readonly millimetres: number;
      readonly alt: string;
      readonly caption: string;
    }[],
  ): void;
  /** The bytes: the same for the same calls. */
  finish(): Promise<Uint8Array>;
}

/** Begins a document; `at` is the only date in it. */
export function taggedDocument(about: {
  readonly title: string;
  readonly subject: string;
  readonly author: string;
  readonly keywords: readonly string[];
  readonly at: Date;
}): TaggedDocument {
  const doc = new PDFDocument({
    size: 'A4',
    margin,
    pdfVersion: '1.7',
    // Its types do not know of it yet.
    subset: 'PDF/UA' as 'PDF/A-1',
    tagged: true,
    lang: 'fr-FR',
    displayTitle: true,
    // The first font is ours: the standard ones are not embedded.
    font: join(fonts, 'DejaVuSans.ttf'),
    info: {
      Title: inMetadata(about.title),
      Subject: inMetadata(about.subject),
      Author: inMetadata(about.author),
      Keywords: about.keywords.map(inMetadata).join(', '),
      Producer: 'Aiguillage',
      Creator: 'Aiguillage',
      CreationDate: about.at,
      ModDate: about.at,
    },
  });
  doc.registerFont('normal', join(fonts, 'DejaVuSans.ttf'));
  doc.registerFont('strong', join(fonts, 'DejaVuSans-Bold.ttf'));
  const chunks: Uint8Array[] = [];
  doc.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    doc.on('end', () => resolve());
    doc.on('error', reject);
  });
  const root = doc.struct('Document');
  doc.addStructure(root);
  const width = doc.page.width - 2 * margin;

  return {
    heading(level, text) {
      root.add(
        doc.struct(`H${level}`, {}, () => {
          doc
            .font('strong')
            .fontSize(level === 1 ? 17 : 12.5)
            .text(text, margin, doc.y, { width });
        }),
      );
      doc.moveDown(0.4);
    },
    paragraph(text, { language, strong, small } = {}) {
      root.add(
        doc.struct('P', language ? { lang: language } : {}, () => {
          doc
            .font(strong ? 'strong' : 'normal')
            .fontSize(small ? 8 : 9.5)
            .text(text, margin, doc.y, { width });
        }),
      );
      doc.moveDown(0.5);
    },
    pairs(rows) {
      for (const [term, value] of rows) {
        root.add(
          doc.struct('P', {}, () => {
            doc
              .font('normal')
              .fontSize(9.5)
              .text(`${term}\u00a0: `, margin, doc.y, { width, continued: true });
            doc.font('strong').text(value);
          }),
        );
      }
      doc.moveDown(0.6);
    },
    table(columns, rows) {
      const whole = columns.reduce((sum, { parts }) => sum + parts, 0);
      doc.font('normal').fontSize(8);
      doc.x = margin;
      const options = {
        structParent: root,
        columnStyles: columns.map(({ parts }) => ({ width: (width * parts) / whole })),
        defaultStyle: { border: 0.5, borderColor: '#555555', padding: 3 },
        data: [
          columns.map(({ header }) => ({
            text: header,
            type: 'TH' as const,
            scope: 'Column',
            font: { src: 'strong' },
          })),
          ...rows.map((cells) => cells.map((text) => ({ text }))),
        ],
      };
      doc.table(options);
      doc.x = margin;
      doc.moveDown(0.8);
    },
    figures(codes) {
      const tallest = Math.max(...codes.map(({ millimetres }) => millimetres)) * millimetre;
      if (doc.y + tallest + 40 > doc.page.height - margin) doc.addPage();
      const top = doc.y;
      let left = margin;
      let lowest = top;
      for (const { outline, millimetres, alt, caption } of codes) {
        const size = millimetres * millimetre;
        const at = left;
        root.add(
          doc.struct('Figure', { alt }, () => {
            // Lines rather than an image: sharp on any printer, and pdfkit adds an image with transparency to the
            // file whenever its pixels happen to be unpacked, so that the bytes would not always be the same.
            doc
              .save()
              .translate(at, top)
              .scale(size / outline.side)
              .path(outline.path)
              .fill('#000000')
              .restore();
          }),
        );
        root.add(
          doc.struct('Caption', {}, () => {
            doc
              .font('normal')
              .fontSize(8)
              .text(caption, at, top + tallest + 4, { width: size });
          }),
        );
        lowest = Math.max(lowest, doc.y);
        left += size + 8 * millimetre;
      }
      doc.x = margin;
      doc.y = lowest + 8;
    },
    async finish() {
      root.end();
      doc.end();
      await ended;
      return new Uint8Array(Buffer.concat(chunks));
    },
  };
}

/** pdfkit writes these into XML as they are. */
function inMetadata(text: string): string {
  return text.replaceAll(/[<>&]/g, ' ');
}
