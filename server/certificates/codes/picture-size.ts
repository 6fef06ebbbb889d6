/**
 * How many points a picture has, by its header: a file of a few kilobytes may unfold to gigabytes.
 * @returns undefined for what begins like neither a PNG nor a JPEG, or is cut off before it says.
 */
export function pointsOf(picture: Uint8Array): number | undefined {
  const bytes = new DataView(picture.buffer, picture.byteOffset, picture.byteLength);
  return startsWith(picture, png)
    ? pointsOfPng(bytes)
    : startsWith(picture, jpeg)
      ? pointsOfJpeg(bytes)
      : undefined;
}

const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const jpeg = [0xff, 0xd8];
/** `IHDR`, which comes first. */
const header = 0x49484452;

function startsWith(picture: Uint8Array, beginning: readonly number[]): boolean {
  return beginning.every((byte, place) => picture[place] === byte);
}

function pointsOfPng(bytes: DataView): number | undefined {
  if (bytes.byteLength < 24 || bytes.getUint32(12) !== header) return undefined;
  return bytes.getUint32(16) * bytes.getUint32(20);
}

/** Segment after segment, up to the first that begins a frame; what stands between two of them is passed over, as readers do. */
function pointsOfJpeg(bytes: DataView): number | undefined {
  let at = 2;
  while (at + 9 <= bytes.byteLength) {
    const marker = bytes.getUint8(at + 1);
    if (bytes.getUint8(at) !== 0xff || marker === 0xff || marker === 0) {
      at += 1;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xc2) return bytes.getUint16(at + 5) * bytes.getUint16(at + 7);
    at += 2 + bytes.getUint16(at + 2);
  }
  return undefined;
}
