import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { drawPng } from './draw-code.ts';
import { pointsOf } from './picture-size.ts';
import { readPicture } from './read-picture.ts';

/** Black all over, in far fewer bytes than it has points. */
function blackPng(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const chunk = (name: string, data: Buffer) => {
    const told = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(told));
    return Buffer.concat([length, told, sum]);
  };
  return new Uint8Array(
    Buffer.concat([
      Buffer.from('89504e470d0a1a0a', 'hex'),
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(Buffer.alloc((width / 8 + 1) * 8))),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  );
}

/** The beginning of a JPEG: an application's segment, filling, and the frame. */
function jpegHead(width: number, height: number, frame = 0xc2): Uint8Array {
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  return Uint8Array.from([
    ...[0xff, 0xd8, 0xff, 0xe1, 0, 6, 0xff, 0xc0, 0, 1, 0xff, 0xff, frame, 0, 17, 8],
    ...size,
    ...[3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1],
  ]);
}

describe('how many points a picture has', () => {
  it('is told by its header', async () => {
    expect(pointsOf(blackPng(4000, 3000))).toBe(12_000_000);
    expect(pointsOf(jpegHead(4032, 3024))).toBe(12_192_768);
    expect(pointsOf(jpegHead(65_535, 65_535, 0xc0))).toBe(4_294_836_225);
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['another format', new Uint8Array(Buffer.from('GIF89a'))],
    ['a PNG that begins otherwise', blackPng(8, 8).map((byte, place) => (place === 12 ? 67 : byte))],
    ['a JPEG that is cut off', jpegHead(8, 8).subarray(0, 18)],
    ['a JPEG without a frame', jpegHead(8, 8, 0xfe)],
  ])('is not known of %s', (_, picture) => {
    expect(pointsOf(picture)).toBeUndefined();
  });
});

describe('a picture', () => {
  it('is read in the middle of others’ memory too', async () => {
    const code = await drawPng('link', 'https://aiguillage.test');
    const around = Buffer.concat([Buffer.alloc(11), code, Buffer.alloc(11)]);
    expect(await readPicture(new Uint8Array(around.buffer, around.byteOffset + 11, code.length))).toEqual([
      'https://aiguillage.test',
    ]);
  });

  it('that has more points than would be read in reasonable memory is not', async () => {
    const code = await drawPng('link', 'https://aiguillage.test');
    const points = pointsOf(code) ?? 0;
    expect(await readPicture(code, points)).toEqual(['https://aiguillage.test']);
    expect(await readPicture(code, points - 1)).toEqual([]);
    expect(await readPicture(blackPng(40_000, 40_000))).toEqual([]);
  });
});
