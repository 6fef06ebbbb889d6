import { describe, expect, test } from 'vitest';
import { incidentOfCase, type Match, matchIncident } from './match.ts';
import { scopeValues } from './scope.ts';

describe('an incident and somebody’s answers', () => {
  const none = [] as const;
  test.each<[readonly string[], readonly string[], string | undefined, string | undefined, Match]>([
    [none, none, undefined, undefined, 'matches'],
    [none, none, 'ecps', 'code_sms', 'matches'],
    [['ecps'], none, undefined, undefined, 'possible'],
    [['ecps'], none, 'ecps', undefined, 'matches'],
    [['ecps'], none, 'card', undefined, 'foreign'],
    [none, ['code_sms', 'code_both'], undefined, undefined, 'possible'],
    [none, ['code_sms', 'code_both'], 'ecps', undefined, 'possible'],
    [none, ['code_sms', 'code_both'], 'ecps', 'code_both', 'matches'],
    [none, ['code_sms', 'code_both'], undefined, 'pin_blocked', 'foreign'],
    [['ecps'], ['code_sms'], 'ecps', undefined, 'possible'],
    [['ecps'], ['code_sms'], undefined, 'code_sms', 'possible'],
    [['ecps'], ['code_sms'], 'ecps', 'code_sms', 'matches'],
    [['ecps'], ['code_sms'], 'card', undefined, 'foreign'],
    [['ecps'], ['code_sms'], 'card', 'code_sms', 'foreign'],
    [['ecps', 'card'], none, 'card', 'pin_blocked', 'matches'],
  ])('ways %j, symptoms %j; way %s, symptom %s: %s', (ways, symptoms, way, symptom, expected) => {
    const facts = { ...(way && { way }), ...(symptom && { symptom }) };
    expect(matchIncident({ ways, symptoms }, facts)).toBe(expected);
  });

  test('a case belongs to the one that says most precisely what it touches, then to the oldest', () => {
    const everything = { id: 1, ways: [], symptoms: [] };
    const ecps = { id: 2, ways: ['ecps'], symptoms: [] };
    const code = { id: 3, ways: [], symptoms: ['code_sms'] };
    const codeToo = { id: 4, ways: [], symptoms: ['code_sms', 'code_email'] };
    const all = [everything, ecps, codeToo, code];
    expect(incidentOfCase(all, { way: 'ecps', symptom: 'code_sms' })?.id).toBe(3);
    expect(incidentOfCase(all, { way: 'ecps', symptom: 'other' })?.id).toBe(2);
    expect(incidentOfCase(all, { way: 'card' })?.id).toBe(1);
    expect(incidentOfCase([ecps, code], { way: 'card' })).toBeUndefined();
  });

  test('what can be chosen is what the questions can teach', () => {
    expect(scopeValues('way')).toEqual(['card', 'ecps']);
    expect(scopeValues('symptom')).toContain('everything_down');
    expect(new Set(scopeValues('symptom')).size).toBe(scopeValues('symptom').length);
  });
});
