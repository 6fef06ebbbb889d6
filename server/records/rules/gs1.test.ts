import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import bwipjs from 'bwip-js/node';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { readGs1 } from './gs1.ts';

const gs = '\u001d';
const boosterBox = `01034009300001201726113010FE4721${gs}2112345`;

const gtins = fc.integer({ min: 0, max: 9_999_999_999_999 }).map((number) => {
  const body = String(number).padStart(13, '0');
  const sum = [...body].reduce((total, digit, place) => total + Number(digit) * (place % 2 === 0 ? 3 : 1), 0);
  return body + String((10 - (sum % 10)) % 10);
});
const values = fc.string({
  unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcxyz-/.'),
  minLength: 1,
  maxLength: 20,
});
const days = fc
  .date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2070-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const yymmdd = (day: string) => day.slice(2).replaceAll('-', '');

describe('a scanned box', () => {
  it('is read into its parts', () => {
    expect(readGs1(`]d2${boosterBox}`, 2026)).toEqual({
      ok: true,
      gtin: '03400930000120',
      lot: 'FE4721',
      serial: '12345',
      expiry: '2026-11-30',
      produced: null,
      bestBefore: null,
      elements: [
        { identifier: '01', value: '03400930000120' },
        { identifier: '17', value: '261130' },
        { identifier: '10', value: 'FE4721' },
        { identifier: '21', value: '12345' },
      ],
      accidents: [],
      separatorDoubtful: false,
    });
  });

  it.each([
    ['a separator before everything', gs + boosterBox],
    ['an Enter after it', `${boosterBox}\r\n`],
    ['a separator after a part of fixed length', boosterBox.replace('17261130', `${gs}17261130${gs}`)],
    ...['␝', '<GS>', '{GS}', '|', '^', '~', '#', '@'].map((each) => [
      `${each} as separator`,
      boosterBox.replace(gs, each),
    ]),
    ['its printed form', '(01)03400930000120(17)261130(10)FE4721(21)12345'],
  ])('is read with %s', (_, scanned) => {
    expect(readGs1(scanned, 2026)).toMatchObject({
      ok: true,
      gtin: '03400930000120',
      lot: 'FE4721',
      serial: '12345',
      expiry: '2026-11-30',
    });
  });

  it.each([
    ['261100', 2026, '2026-11-30'],
    ['240200', 2026, '2024-02-29'],
    ['760101', 2026, '2076-01-01'],
    ['770101', 2026, '1977-01-01'],
    ['990101', 2026, '1999-01-01'],
    ['010101', 2099, '2101-01-01'],
  ])('with the date %s read in %i means %s', (date, year, day) => {
    expect(readGs1(`17${date}`, year)).toMatchObject({ ok: true, expiry: day });
  });

  it('typed through a French keyboard is mended, and says so', () => {
    // What a French layout makes of ]d20103400930000120172611301 0AMZQ-7.
    const garbled = `$déà&à"'àà)"àààà&éà&èé-&&"à&àA?WQ6`.replace(')', 'ç').replace('6', ')è');
    expect(readGs1(garbled, 2026)).toMatchObject({
      ok: true,
      gtin: '03400930000120',
      expiry: '2026-11-30',
      lot: 'QMZA-7',
      accidents: ['azerty'],
    });
  });

  it('says that a separator may be missing', () => {
    const reading = readGs1('010340093000012010FE472117261130', 2026);
    expect(reading).toMatchObject({ ok: true, separatorDoubtful: true });
  });

  it.each([
    ['', 'empty', null],
    [gs, 'empty', null],
    ['x'.repeat(3000), 'too_long', null],
    [']d1ABCDEF', 'not_gs1', null],
    ['bonjour', 'not_gs1', 'bo'],
    ['£D20103400930000120', 'caps_lock', null],
    ['0103400930000121', 'check_digit', '01'],
    ['010340093000012', 'truncated', '01'],
    ['0103400930000A20', 'not_digits', '01'],
    ['17261301', 'date', '17'],
    ['17260230', 'date', '17'],
    [`10${'A'.repeat(21)}`, 'too_long_value', '10'],
    [`10A${gs}10B`, 'repeated', '10'],
    [`10é${gs}17261130`, 'character', '10'],
    [`10A${gs}ZZ`, 'unknown_identifier', 'ZZ'],
    ['10', 'truncated', '10'],
  ])('%j is refused as %s', (scanned, fault, identifier) => {
    expect(readGs1(scanned, 2026)).toEqual({ ok: false, fault, identifier });
  });
});

describe('whatever is typed', () => {
  test('never throws, and is a reading or a named fault', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.constantFrom('10', '17', boosterBox)),
        (typed) => {
          const reading = readGs1(typed, 2026);
          expect(reading.ok || reading.fault.length > 0).toBe(true);
        },
      ),
    );
  });

  test('gives back what was written, in any order of the parts', () => {
    fc.assert(
      fc.property(gtins, values, values, days, fc.boolean(), (gtin, lot, serial, day, lotFirst) => {
        const open = lotFirst ? [`10${lot}${gs}`, `21${serial}`] : [`21${serial}${gs}`, `10${lot}`];
        const reading = readGs1(`01${gtin}17${yymmdd(day)}${open.join('')}`, 2030);
        expect(reading).toMatchObject({ ok: true, gtin, lot, serial, expiry: day });
      }),
    );
  });

  test('reads back from the picture of a symbol that others make and read', { timeout: 60_000 }, async () => {
    // Node cannot fetch what lies beside a module: the reader is handed its program.
    const path = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
    const program = await readFile(path);
    await prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(program).buffer } });
    await fc.assert(
      fc.asyncProperty(gtins, values, values, days, async (gtin, lot, serial, day) => {
        const text = `(01)${gtin}(17)${yymmdd(day)}(10)${lot}(21)${serial}`;
        const png = await bwipjs.toBuffer({
          bcid: 'gs1datamatrix',
          text,
          scale: 4,
          padding: 8,
          backgroundcolor: 'FFFFFF',
        });
        const [symbol] = await readBarcodes(png, { formats: ['DataMatrix'], textMode: 'Plain' });
        expect(symbol?.symbologyIdentifier).toBe(']d2');
        const reading = readGs1(`${symbol?.symbologyIdentifier}${symbol?.text}`, 2030);
        expect(reading).toMatchObject({ ok: true, gtin, lot, serial, expiry: day });
      }),
      { numRuns: 25 },
    );
  });
});
