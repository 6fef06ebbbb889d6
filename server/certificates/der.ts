/** One element of DER (X.690): what is in it, and where it stands. */
export interface DerElement {
  readonly tag: number;
  readonly contents: Uint8Array;
  /** With tag and length. */
  readonly whole: Uint8Array;
}

/** Tags that certificates and signatures are made of. */
export const der = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
  /** Context-specific and constructed: `[0]`, `[1]`, … */
  context: 0xa0,
} as const;

/**
 * The elements that stand one after the other in some bytes.
 * @throws RangeError when they are not exactly that: indefinite lengths and long tags included.
 */
export function readDer(bytes: Uint8Array): readonly DerElement[] {
  const elements: DerElement[] = [];
  let at = 0;
  while (at < bytes.length) {
    const element = readDerElement(bytes, at);
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

/** The element that begins at a place, whatever follows it. @throws RangeError when there is none. */
export function readDerElement(bytes: Uint8Array, at = 0): DerElement {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new RangeError('not DER');
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count < 1 || count > 4) throw new RangeError('not a length of DER');
    length = 0;
    for (const byte of bytes.subarray(start, start + count)) length = length * 256 + byte;
    start += count;
  }
  if (start + length > bytes.length) throw new RangeError('DER that is cut off');
  return { tag, contents: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) };
}

/** An element of these parts. */
export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const contents = Buffer.concat(parts);
  const size: number[] = [];
  for (let rest = contents.length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256);
  const length = contents.length < 0x80 ? [contents.length] : [0x80 | size.length, ...size];
  return new Uint8Array(Buffer.concat([Buffer.from([tag, ...length]), contents]));
}

/** An object identifier: `1.2.840.10045.4.3.2`. */
export function writeOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left % 128) | 0x80);
    return groups;
  });
  return writeDer(der.objectIdentifier, Uint8Array.from(bytes));
}

/** The object identifier that an element holds, in dots. */
export function readOid({ contents }: DerElement): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of contents) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [head = 0, ...rest] = arcs;
  const first = Math.min(Math.floor(head / 40), 2);
  return [first, head - first * 40, ...rest].join('.');
}
