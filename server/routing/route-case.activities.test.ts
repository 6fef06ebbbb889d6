import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { theNotice, theNoticeWithDefault } from './builders.ts';
import { type Activity, modes, settings } from './practitioner-types.ts';
import { type Routing, routeCase } from './route-case.ts';

const monday = new Date('2026-11-23T10:00:00+01:00');
const notice = theNotice();

function route(practitioner: Parameters<typeof routeCase>[0], configuration = notice): Routing {
  return routeCase(practitioner, monday, configuration);
}
const defaultIsLiberaux = theNoticeWithDefault('liberaux');

describe('several activities', () => {
  const salaried: Activity = { mode: 'S' };
  const independent: Activity = { mode: 'L' };

  test('that lead to different lines are asked about, and the place settles it', () => {
    expect(route({ activities: [salaried, independent] })).toEqual({
      hotline: null,
      reason: { code: 'several_activities', modes: ['L', 'S'] },
      needs: ['activity'],
    });
    expect(route({ activities: [salaried, independent], setting: 'establishment' }).hotline).toBe(
      'etablissements',
    );
    expect(route({ activities: [salaried, independent], mode: 'L' }).hotline).toBe('liberaux');
    expect(route({ activities: [salaried, independent], setting: 'other' })).toMatchObject({
      needs: ['activity'],
    });
  });

  test('that lead to one line are not', () => {
    expect(route({ activities: [salaried, salaried] })).toMatchObject({
      hotline: 'etablissements',
      reason: { code: 'mode', mode: 'S' },
    });
    expect(route({ activities: [{ mode: 'B' }, salaried] })).toMatchObject({
      hotline: 'etablissements',
      reason: { code: 'mode', mode: 'S' },
    });
  });

  test('none at all (an exclusive stand-in) is as good as nothing known', () => {
    expect(route({ activities: [] })).toEqual(route({}));
    expect(route({})).toEqual({
      hotline: null,
      reason: { code: 'nothing_known' },
      needs: ['setting', 'mode'],
    });
  });

  test('are told apart by the FINESS number given', () => {
    const hospital: Activity = { mode: 'L', sector: 'SA01', finess: '750712184' };
    const practice: Activity = { mode: 'L', sector: 'SA07', finess: '310000010' };
    const pharmacy: Activity = { mode: 'S', sector: 'SA33', finess: '690000020' };
    const activities = [practice, hospital, pharmacy];
    expect(route({ activities, finess: '750712184' })).toMatchObject({
      hotline: 'etablissements',
      reason: { code: 'place', setting: 'establishment', known: 'finess' },
    });
    expect(route({ activities, finess: '310000010' })).toMatchObject({
      hotline: 'liberaux',
      reason: { code: 'mode', mode: 'L' },
    });
    expect(route({ activities, finess: '690000020' })).toMatchObject({
      hotline: 'etablissements',
      reason: { code: 'mode', mode: 'S' },
    });
  });

  test('a FINESS number that belongs to none of them, or comes alone, decides nothing', () => {
    const activities: readonly Activity[] = [{ mode: 'L', sector: 'SA07', finess: '310000010' }];
    expect(route({ activities, finess: '750712184' }).hotline).toBe('liberaux');
    expect(route({ finess: '750712184' })).toEqual(route({}));
  });

  test('a declared place overrides what the FINESS number suggests', () => {
    const activities: readonly Activity[] = [{ mode: 'L', sector: 'SA01', finess: '750712184' }];
    expect(route({ activities, finess: '750712184', setting: 'practice' }).hotline).toBe('liberaux');
  });

  test('an independent whom the directory places in a hospital is asked where they are', () => {
    const activities: readonly Activity[] = [{ mode: 'L', sector: 'SA01' }];
    expect(route({ activities })).toEqual({
      hotline: null,
      reason: { code: 'place_unknown' },
      needs: ['setting'],
    });
    expect(route({ activities, setting: 'practice' }).hotline).toBe('liberaux');
    expect(route({ activities, setting: 'establishment' }).hotline).toBe('etablissements');
  });

  test('a declared practice leaves out the activity in a hospital', () => {
    const activities: readonly Activity[] = [
      { mode: 'S', sector: 'SA01' },
      { mode: 'L', sector: 'SA07' },
    ];
    expect(route({ activities })).toMatchObject({ hotline: null, needs: ['activity'] });
    expect(route({ activities, setting: 'practice' })).toMatchObject({ hotline: 'liberaux' });
  });

  const anActivity: fc.Arbitrary<Activity> = fc
    .record({
      mode: fc.constantFrom(...modes),
      sector: fc.constantFrom(undefined, 'SA01', 'SA05', 'SA07', 'SA33'),
      finess: fc.constantFrom(undefined, '750712184', '310000010'),
    })
    .map(({ mode, sector, finess }) => ({ mode, ...(sector && { sector }), ...(finess && { finess }) }));

  test('their order never matters', () => {
    fc.assert(
      fc.property(
        fc
          .array(anActivity, { maxLength: 4 })
          .chain((some) =>
            fc.tuple(
              fc.constant(some),
              fc.shuffledSubarray(some, { minLength: some.length, maxLength: some.length }),
            ),
          ),
        fc.constantFrom(undefined, '750712184'),
        fc.constantFrom(undefined, ...settings),
        fc.constantFrom(notice, defaultIsLiberaux),
        ([activities, shuffled], finess, setting, configuration) => {
          const rest = { ...(finess && { finess }), ...(setting && { setting }) };
          expect(route({ ...rest, activities: shuffled }, configuration)).toEqual(
            route({ ...rest, activities }, configuration),
          );
        },
      ),
    );
  });

  test('answering what is asked always ends with a line', () => {
    fc.assert(
      fc.property(
        fc.array(anActivity, { maxLength: 4 }),
        fc.constantFrom(...settings),
        fc.constantFrom(...modes),
        fc.constantFrom(notice, defaultIsLiberaux),
        (activities, setting, mode, configuration) => {
          const first = route({ activities }, configuration);
          const needs = first.hotline === null ? first.needs : [];
          const answers = {
            ...(needs.includes('setting') && { setting }),
            ...((needs.includes('mode') || needs.includes('activity')) && { mode }),
          };
          const second = route({ activities, ...answers }, configuration);
          const last =
            second.hotline === null && second.needs.includes('setting')
              ? route({ activities, ...answers, setting }, configuration)
              : second;
          expect(last.hotline).not.toBeNull();
        },
      ),
    );
  });
});
