import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPicture } from '../codes/read-picture.ts';
import { trustedSigner, trustList } from '../trust-list.ts';
import { decodeBase45 } from './base45.ts';
import { asJson, readCbor, writeCbor } from './cbor.ts';
import { asDcc, checkReadDcc, checkTimes, maySign } from './check-dcc.ts';
import { eventOf, prefix } from './dcc-format.ts';
import { inflate, type ReadDcc, readClaims, readDcc, readSigned } from './read-dcc.ts';

/** The public test certificates of the Member States (eu-digital-green-certificates/dgc-testdata, Apache-2.0). */
const folder = join(import.meta.dirname, '../../../../shared/data/dgc-testdata');
const folders = ['common', 'FR'].map((country) => join(folder, country, '2DCode/raw'));

interface Vector {
  readonly JSON?: unknown;
  readonly CBOR?: string;
  readonly COSE?: string;
  readonly COMPRESSED?: string;
  readonly BASE45?: string;
  readonly PREFIX?: string;
  readonly '2DCODE'?: string;
  readonly TESTCTX: { readonly CERTIFICATE?: string; readonly VALIDATIONCLOCK?: string };
  readonly EXPECTEDRESULTS: Readonly<Record<string, boolean>>;
}

/** Files whose expectation is not held to, and why. */
const noPicture = 'the file has no 2DCODE to decode';
const otherHour = 'its JSON says 12:34:56Z, its CBOR 14:34:56Z';
const exceptions: Readonly<Record<string, string>> = {
  'B1 PICTUREDECODE': noPicture,
  'DGC_QrCode_00001_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00002_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00003_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00004_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00005_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00006_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00007_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00008_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00009_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00010_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00011_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00012_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00013_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00014_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00015_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00016_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00017_Raw PICTUREDECODE': noPicture,
  'DGC_QrCode_00018_Raw PICTUREDECODE': noPicture,
  'recovery_ok PICTUREDECODE': noPicture,
  'test_pcr_ok PICTUREDECODE': noPicture,
  'vaccin_ok PICTUREDECODE': noPicture,
  'test_pcr_ok DECODE': otherHour,
  'test_pcr_ok VALIDJSON': otherHour,
};

const present = folders.every((each) => existsSync(each));
if (!present) console.warn(`skipped: the public test certificates are not in ${folder}`);

const vectors: readonly (readonly [string, Vector])[] = present
  ? folders.flatMap((each) =>
      readdirSync(each)
        .sort()
        .map(
          (file) =>
            [file, JSON.parse(readFileSync(join(each, file), 'utf8').replace(/^\uFEFF/, ''))] as const,
        ),
    )
  : [];

const bytes = (hex: string | undefined) => new Uint8Array(Buffer.from(hex ?? '', 'hex'));

/** What a step gives; undefined when it refuses. */
function attempt<Value>(step: () => Value): Value | undefined {
  try {
    return step();
  } catch {
    return undefined;
  }
}

/** What `CBOR` holds: the whole token, or the certificate alone. */
function contentOf({ CBOR }: Vector): unknown {
  return attempt(() => readClaims(bytes(CBOR)).content) ?? attempt(() => asJson(readCbor(bytes(CBOR))));
}

function tokenOf({ COSE, PREFIX }: Vector): ReadDcc | undefined {
  return COSE === undefined ? readDcc(PREFIX ?? '').value : readSigned(bytes(COSE)).value;
}

function signerOf({ TESTCTX }: Vector) {
  return trustedSigner('dcc', new Uint8Array(Buffer.from(TESTCTX.CERTIFICATE ?? '', 'base64')));
}

function codes(vector: Vector): readonly string[] {
  const read = tokenOf(vector);
  if (!read) return ['unreadable'];
  const now = new Date(vector.TESTCTX.VALIDATIONCLOCK ?? '');
  return checkReadDcc(read, trustList([signerOf(vector)]), now).findings.map(({ code }) => code);
}

/** What each expectation of the vectors means here. */
const steps: Readonly<Record<string, (vector: Vector) => boolean | Promise<boolean>>> = {
  EXPECTEDVALIDOBJECT: ({ JSON: json }) => asDcc(json) !== undefined,
  EXPECTEDSCHEMAVALIDATION: (vector) => asDcc(contentOf(vector)) !== undefined,
  EXPECTEDENCODE: (vector) => isSame(asJson(readCbor(writeCbor(vector.JSON))), contentOf(vector)),
  EXPECTEDDECODE: (vector) => isSame(contentOf(vector), vector.JSON),
  EXPECTEDVERIFY: (vector) =>
    !codes(vector).some((code) => ['unreadable', 'algorithm', 'unknown_signer', 'signature'].includes(code)),
  EXPECTEDCOMPRESSION: ({ COMPRESSED, COSE }) => isSame(inflate(bytes(COMPRESSED)), bytes(COSE)),
  EXPECTEDKEYUSAGE: (vector) => {
    const event = eventOf(asDcc(tokenOf(vector)?.content) ?? { ver: '', dob: '', nam: { fnt: '' } });
    return event !== undefined && maySign(signerOf(vector), event.kind);
  },
  EXPECTEDUNPREFIX: ({ PREFIX = '', BASE45 }) =>
    readDcc(PREFIX).problem !== 'prefix' && PREFIX === `${prefix}${BASE45}`,
  EXPECTEDVALIDJSON: (vector) => isSame(readDcc(vector.PREFIX ?? '').value?.content, vector.JSON),
  EXPECTEDB45DECODE: ({ BASE45 = '', COMPRESSED }) => isSame(decodeBase45(BASE45), bytes(COMPRESSED)),
  EXPECTEDPICTUREDECODE: async ({ '2DCODE': picture, PREFIX }) =>
    (await readPicture(new Uint8Array(Buffer.from(picture ?? '', 'base64')))).includes(PREFIX ?? ''),
  EXPECTEDEXPIRATIONCHECK: (vector) => {
    const read = tokenOf(vector);
    return !!read && checkTimes(read, new Date(vector.TESTCTX.VALIDATIONCLOCK ?? '')).length === 0;
  },
};

function isSame(one: unknown, other: unknown): boolean {
  try {
    expect(one).toEqual(other);
    return one !== undefined;
  } catch {
    return false;
  }
}

describe.skipIf(!present)(
  `the public test certificates${present ? '' : ', skipped: they are not beside this tree'}`,
  () => {
    it('are all there, and none of their expectations is unknown', () => {
      expect(vectors.length).toBeGreaterThan(70);
      const expectations = new Set(vectors.flatMap(([, each]) => Object.keys(each.EXPECTEDRESULTS)));
      expect([...expectations].filter((each) => !(each in steps))).toEqual([]);
    });

    it.each(vectors)('%s', async (file, vector) => {
      for (const [expectation, expected] of Object.entries(vector.EXPECTEDRESULTS)) {
        const key = `${file.replace('.json', '')} ${expectation.replace('EXPECTED', '')}`;
        const result = await steps[expectation]?.(vector);
        if (key in exceptions) expect(result, `${exceptions[key]}: not so any more`).not.toBe(expected);
        else expect(result, key).toBe(expected);
      }
    });
  },
);
