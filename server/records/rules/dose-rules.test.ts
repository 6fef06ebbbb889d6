import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it, test } from 'vitest';
import { testDatabase } from '#server/testing/test-database.ts';
import { parisDay } from '../../paris-day.ts';
import type { Dose, DoseHistory, PastDose } from './dose-rules/history.ts';
import { type DoseRule, doseRuleKinds } from './dose-rules/rule.ts';
import { evaluateDose, type Finding, severities } from './dose-rules.ts';
import { loadRecordRules } from './load-rules.ts';

const nothing: DoseHistory = { doses: [], events: [], consultations: [], infections: [] };
const patient = { birthDate: '1950-06-01' };
const noon = (day: string) => new Date(`${day}T12:00:00+01:00`);
const aDose = (vaccine: string, doseRank: number, doseTotal: number): Dose => ({
  vaccine,
  doseRank,
  doseTotal,
});
const given = (day: string, vaccine: string, doseRank = 1, doseTotal = 2): PastDose => ({
  id: `${day}-${vaccine}`,
  vaccine,
  day,
  doseRank,
  doseTotal,
});
const aRule = (kind: DoseRule['kind'], more: Partial<DoseRule> = {}): DoseRule => ({
  rule: kind,
  kind,
  severity: 'warning',
  parameters: {},
  vaccines: null,
  source: 'tests',
  validFrom: '2021-01-04',
  validTo: null,
  ...more,
});
const kinds = (findings: readonly Finding[]) => findings.map(({ kind }) => kind);

describe('the day in Paris', () => {
  it.each([
    ['2026-11-23T22:59:59.999Z', '2026-11-23'],
    ['2026-11-23T23:00:00Z', '2026-11-24'],
    ['2026-06-23T21:59:59.999Z', '2026-06-23'],
    ['2026-06-23T22:00:00Z', '2026-06-24'],
    ['1905-06-01T23:50:38Z', '1905-06-01'],
    ['1905-06-01T23:50:39Z', '1905-06-02'],
  ])('at %s is %s', (at, day) => {
    expect(parisDay(new Date(at))).toBe(day);
  });

  test('is that of the calendar at any instant, asked for in any order', () => {
    const [from, to] = [new Date('1900-01-01T00:00:00Z'), new Date('2100-01-01T00:00:00Z')];
    const instant = fc.date({ min: from, max: to, noInvalidDate: true });
    fc.assert(
      fc.property(fc.array(instant, { minLength: 1 }), (instants) => {
        for (const at of [...instants, ...instants]) {
          const { year, month, day } = Temporal.Instant.fromEpochMilliseconds(
            at.getTime(),
          ).toZonedDateTimeISO('Europe/Paris');
          expect(parisDay(at)).toBe(Temporal.PlainDate.from({ year, month, day }).toString());
        }
      }),
    );
  });
});

describe('the rules loaded with the campaign', () => {
  const database = testDatabase();
  const judge = async (dose: Dose, day: string, history: Partial<DoseHistory>) =>
    evaluateDose(
      dose,
      { ...nothing, ...history },
      patient,
      (await loadRecordRules(database.db)).doseRules,
      noon(day),
    );

  it.each([
    ['comirnaty', 20, ['minimum_interval']],
    ['comirnaty', 21, []],
    ['spikevax', 49, []],
    ['spikevax', 50, ['maximum_interval']],
    ['vaxzevria', 62, ['minimum_interval']],
    ['vaxzevria', 63, []],
    ['vaxzevria', 84, []],
    ['vaxzevria', 85, ['maximum_interval']],
  ])('second dose of %s after %i days: %j', async (vaccine, days, expected) => {
    const first = new Date('2021-03-01T12:00:00Z');
    const second = new Date(first.getTime() + days * 86_400_000).toISOString().slice(0, 10);
    expect(
      kinds(await judge(aDose(vaccine, 2, 2), second, { doses: [given('2021-03-01', vaccine)] })),
    ).toEqual(expected);
  });

  it('one dose of Janssen is a course, and two are not', async () => {
    expect(await judge(aDose('jcovden', 1, 1), '2021-06-01', {})).toEqual([]);
    expect(await judge(aDose('jcovden', 1, 2), '2021-06-01', {})).toMatchObject([
      { kind: 'course', severity: 'info', parameters: { vaccine: 'jcovden', doses: 1, total: 2 } },
    ]);
  });

  it('one dose is enough after an infection', async () => {
    const history = { infections: ['2020-11-02'], doses: [given('2021-03-01', 'comirnaty')] };
    expect(kinds(await judge(aDose('comirnaty', 2, 2), '2021-03-29', history))).toEqual(['after_infection']);
    expect(
      kinds(await judge(aDose('comirnaty', 1, 1), '2021-03-01', { infections: ['2020-11-02'] })),
    ).toEqual([]);
  });

  it.each([
    ['2021-12-27', 5, '2022-01-01'],
    ['2021-12-28', undefined, undefined],
  ])('a booster on %s is expected after %s months', async (day, months, earliest) => {
    const doses = [given('2021-07-01', 'comirnaty'), given('2021-08-01', 'comirnaty', 2)];
    for (const written of [aDose('comirnaty', 3, 3), aDose('comirnaty', 3, 2)]) {
      const found = await judge(written, day, { doses });
      expect(found.map(({ parameters }) => [parameters.months, parameters.earliest])).toEqual(
        months ? [[months, earliest]] : [],
      );
    }
  });

  it('says that vaccines are mixed within a course, not for a booster', async () => {
    const doses = [given('2021-07-01', 'vaxzevria')];
    expect(kinds(await judge(aDose('comirnaty', 2, 2), '2021-09-05', { doses }))).toEqual(['mixed_vaccines']);
    const course = [...doses, given('2021-09-05', 'vaxzevria', 2)];
    expect(kinds(await judge(aDose('comirnaty', 3, 2), '2022-06-01', { doses: course }))).toEqual([]);
  });

  it('says that the vaccination was declined, until a later consultation decides otherwise', async () => {
    const declined = { day: '2021-06-01', decision: 'opposed', deferredUntil: null } as const;
    const dose = aDose('comirnaty', 1, 2);
    expect(await judge(dose, '2021-06-02', { consultations: [declined] })).toMatchObject([
      { kind: 'opposed', severity: 'serious', parameters: { date: '2021-06-01' } },
    ]);
    const agreed = { ...declined, day: '2021-06-10', decision: 'fit' } as const;
    expect(await judge(dose, '2021-06-10', { consultations: [declined, agreed] })).toEqual([]);
  });

  it('sees a second dose typed as the first, and one entered twice', async () => {
    const doses = [given('2021-07-01', 'comirnaty')];
    expect(kinds(await judge(aDose('comirnaty', 1, 2), '2021-08-01', { doses }))).toEqual(['rank_repeated']);
    expect(await judge(aDose('comirnaty', 2, 2), '2021-07-01', { doses })).toMatchObject([
      { kind: 'same_day', severity: 'serious' },
      { kind: 'minimum_interval', parameters: { days: 0, least: 21 } },
    ]);
  });

  it('measures a forgotten first dose against the second already there', async () => {
    const doses = [given('2021-07-20', 'comirnaty', 2)];
    expect(kinds(await judge(aDose('comirnaty', 1, 2), '2021-07-10', { doses }))).toEqual([
      'minimum_interval',
    ]);
  });

  it('recalls an earlier adverse event, a serious one seriously', async () => {
    const doses = [given('2021-07-01', 'comirnaty')];
    const event = { id: 'e1', injectionId: '2021-07-01-comirnaty', day: '2021-07-02' };
    for (const serious of [false, true]) {
      expect(
        await judge(aDose('comirnaty', 2, 2), '2021-08-01', { doses, events: [{ ...event, serious }] }),
      ).toMatchObject([
        { kind: 'earlier_event', severity: serious ? 'serious' : 'warning', parameters: { event: 'e1' } },
      ]);
    }
  });

  it('recalls what the last consultation decided', async () => {
    const deferred = { day: '2021-06-01', decision: 'deferred', deferredUntil: '2021-07-01' } as const;
    const refused = { day: '2021-06-01', decision: 'contraindicated', deferredUntil: null } as const;
    const first = aDose('comirnaty', 1, 2);
    expect(kinds(await judge(first, '2021-06-30', { consultations: [deferred] }))).toEqual(['deferred']);
    expect(kinds(await judge(first, '2021-07-01', { consultations: [deferred] }))).toEqual([]);
    for (const consultations of [
      [deferred, refused],
      [refused, deferred],
    ]) {
      expect(kinds(await judge(first, '2021-07-01', { consultations }))).toEqual(['contraindicated']);
    }
  });

  it('say nothing of an age: no fact gives any', async () => {
    const { doseRules } = await loadRecordRules(database.db);
    expect(doseRules.some(({ kind }) => kind === 'minimum_age')).toBe(false);
  });
});

it('an age is judged on the birthday', () => {
  const rules = [aRule('minimum_age', { parameters: { years: 12 } })];
  const judge = (day: string) =>
    evaluateDose(aDose('comirnaty', 1, 2), nothing, { birthDate: '2010-03-15' }, rules, noon(day));
  expect(kinds(judge('2022-03-14'))).toEqual(['minimum_age']);
  expect(kinds(judge('2022-03-15'))).toEqual([]);
});

it('a day is one of Europe/Paris', () => {
  const rules = [aRule('same_day')];
  const history = { ...nothing, doses: [given('2021-07-02', 'comirnaty')] };
  const judge = (at: string) => evaluateDose(aDose('comirnaty', 2, 2), history, patient, rules, new Date(at));
  expect(kinds(judge('2021-07-01T22:30:00Z'))).toEqual(['same_day']);
  expect(kinds(judge('2021-07-01T21:59:00Z'))).toEqual([]);
});

const someDay = fc
  .date({ min: new Date('2020-06-01T00:00:00Z'), max: new Date('2026-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const someVaccine = fc.constantFrom('comirnaty', 'spikevax', 'vaxzevria', 'jcovden', 'unheard-of');
const someRank = fc.integer({ min: 1, max: 6 });
const someDose = fc.record({ vaccine: someVaccine, doseRank: someRank, doseTotal: someRank });
const someHistory: fc.Arbitrary<DoseHistory> = fc.record({
  doses: fc.uniqueArray(
    fc.record({ id: fc.uuid(), vaccine: someVaccine, day: someDay, doseRank: someRank, doseTotal: someRank }),
    { maxLength: 5, selector: ({ id }) => id },
  ),
  events: fc.uniqueArray(
    fc.record({ id: fc.uuid(), injectionId: fc.uuid(), day: someDay, serious: fc.boolean() }),
    { maxLength: 3, selector: ({ id }) => id },
  ),
  consultations: fc.array(
    fc.record({
      day: someDay,
      decision: fc.constantFrom('fit', 'deferred', 'contraindicated', 'opposed'),
      deferredUntil: fc.option(someDay),
    }),
    { maxLength: 3 },
  ),
  infections: fc.array(someDay, { maxLength: 2 }),
});
const someRules: fc.Arbitrary<readonly DoseRule[]> = fc.array(
  fc
    .record({
      kind: fc.constantFrom(...doseRuleKinds),
      severity: fc.constantFrom(...severities),
      parameters: fc.record(
        {
          days: fc.integer({ min: 0, max: 400 }),
          months: fc.integer({ min: 0, max: 24 }),
          years: fc.integer({ min: 0, max: 100 }),
          doses: fc.integer({ min: 0, max: 4 }),
        },
        { requiredKeys: [] },
      ),
      vaccines: fc.option(fc.array(someVaccine, { maxLength: 3 })),
      validFrom: someDay,
      validTo: fc.option(someDay),
    })
    .map((rule) => aRule(rule.kind, rule)),
  { maxLength: 12 },
);

describe('whatever the rules and the record', () => {
  test('a dose is judged without throwing, by the rules in force on its day alone, most severe first', () => {
    fc.assert(
      fc.property(
        someDose,
        someHistory,
        someDay,
        someRules,
        someDay,
        (dose, history, birthDate, rules, day) => {
          const findings = evaluateDose(dose, history, { birthDate }, rules, noon(day));
          for (const { validFrom, validTo } of findings) {
            expect(validFrom <= day && (validTo === null || day < validTo)).toBe(true);
          }
          const ranks = findings.map(({ severity }) => severities.indexOf(severity));
          expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
        },
      ),
    );
  });

  test('the order of the record does not matter', () => {
    fc.assert(
      fc.property(someDose, someHistory, someRules, someDay, fc.nat(), (dose, history, rules, day, turn) => {
        const turned = <T>(list: readonly T[]) =>
          [...list.slice(turn % 5), ...list.slice(0, turn % 5)].reverse();
        const other: DoseHistory = {
          doses: turned(history.doses),
          events: turned(history.events),
          consultations: turned(history.consultations),
          infections: turned(history.infections),
        };
        expect(evaluateDose(dose, other, patient, rules, noon(day))).toEqual(
          evaluateDose(dose, history, patient, rules, noon(day)),
        );
      }),
    );
  });

  test('waiting longer never makes a dose too early, nor a late one timely', () => {
    fc.assert(
      fc.property(
        someDay,
        fc.nat({ max: 400 }),
        fc.nat({ max: 400 }),
        fc.nat({ max: 300 }),
        (first, wait, more, limit) => {
          const rules = [
            aRule('course', { parameters: { doses: 2 }, validFrom: '2000-01-01' }),
            aRule('minimum_interval', { parameters: { days: limit }, validFrom: '2000-01-01' }),
            aRule('maximum_interval', { parameters: { days: limit }, validFrom: '2000-01-01' }),
          ];
          const after = (days: number) => new Date(noon(first).getTime() + days * 86_400_000);
          const judge = (days: number) =>
            kinds(
              evaluateDose(
                aDose('comirnaty', 2, 2),
                { ...nothing, doses: [given(first, 'comirnaty')] },
                patient,
                rules,
                after(days),
              ),
            );
          const [now, later] = [judge(wait), judge(wait + more)];
          if (!now.includes('minimum_interval')) expect(later).not.toContain('minimum_interval');
          if (now.includes('maximum_interval')) expect(later).toContain('maximum_interval');
        },
      ),
    );
  });

  test('a dose being corrected is not compared with itself', () => {
    fc.assert(
      fc.property(someDose, someHistory, someRules, someDay, (dose, history, rules, day) => {
        const itself: PastDose = { id: 'itself', day, ...dose };
        const corrected = { ...history, doses: [...history.doses, itself] };
        expect(evaluateDose({ ...dose, id: 'itself' }, corrected, patient, rules, noon(day))).toEqual(
          evaluateDose(dose, history, patient, rules, noon(day)),
        );
      }),
    );
  });
});
