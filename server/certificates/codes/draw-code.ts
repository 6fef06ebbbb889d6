/**
 * Purpose: codes that machines read, drawn and read back: QR and DataMatrix.
 * Entry points: `drawPng`, `drawSvg`, `drawOutline`; `readPicture` (read-picture.ts).
 * May import: nothing of the project.
 */
import { toBuffer, toSVG } from 'bwip-js/node';

export type CodeKind = 'dcc' | 'two_d_doc' | 'link';

/** What each is drawn as. The specification of the DCC asks for a QR code that bears the loss of a quarter. */
const symbols = {
  dcc: { bcid: 'qrcode', eclevel: 'Q' },
  two_d_doc: { bcid: 'datamatrix' },
  link: { bcid: 'qrcode', eclevel: 'M' },
} as const;

function options(kind: CodeKind, text: string, scale: number) {
  return {
    ...symbols[kind],
    text,
    scale,
    // The quiet zone that readers need around it, in modules.
    padding: kind === 'two_d_doc' ? 2 : 4,
    backgroundcolor: 'FFFFFF',
  };
}

/** A code as PNG, `scale` pixels a module; for a phone's wallet, 8. @throws Error when the text is too long for it. */
export async function drawPng(kind: CodeKind, text: string, scale = 8): Promise<Uint8Array> {
  return new Uint8Array(await toBuffer(options(kind, text, scale)));
}

/** The same as SVG, for any size. */
export function drawSvg(kind: CodeKind, text: string): string {
  return toSVG(options(kind, text, 1));
}

/** A code as lines to be filled, sharp at any size. */
export interface CodeOutline {
  /** How wide and high it is, in the units of `path`. */
  readonly side: number;
  /** As in the `d` of an SVG path: what is black. */
  readonly path: string;
}

/** A code as what a printed page draws of it. @throws Error when the text is too long for it. */
export function drawOutline(kind: CodeKind, text: string): CodeOutline {
  const svg = drawSvg(kind, text);
  const [, side] = /viewBox="0 0 (\d+) \d+"/.exec(svg) ?? [];
  const [, path] = /<path d="([^"]+)"/.exec(svg) ?? [];
  if (side === undefined || path === undefined) throw new Error('the code was drawn in an unknown form');
  return { side: Number(side), path };
}
