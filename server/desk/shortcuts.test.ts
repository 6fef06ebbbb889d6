import { expect, test } from 'vitest';
import {
  actionOf,
  type Press,
  rememberShortcuts,
  shortcutsEnabled,
} from '../../templates/assets/desk/shortcuts.js';

const free = { enabled: true, typing: false, dialogOpen: false };

function press(key: string, overrides: Partial<Press> = {}): Press {
  return {
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    repeat: false,
    isComposing: false,
    defaultPrevented: false,
    ...overrides,
  };
}

test.each([
  ['j', 'down'],
  ['k', 'up'],
  ['c', 'claim'],
  ['n', 'next'],
  ['?', 'help'],
  ['x', undefined],
  ['Enter', undefined],
  ['toString', undefined],
])('the key %s asks for %s', (key, action) => {
  expect(actionOf(press(key), free)).toBe(action);
});

test.each([{ enabled: false }, { typing: true }, { dialogOpen: true }])(
  'nothing is taken when %o',
  (situation) => {
    expect(actionOf(press('c'), { ...free, ...situation })).toBeUndefined();
  },
);

test.each([
  { ctrlKey: true },
  { metaKey: true },
  { altKey: true },
  { isComposing: true },
  { defaultPrevented: true },
])('a key pressed with %o belongs to somebody else', (held) => {
  expect(actionOf(press('c', held), free)).toBeUndefined();
});

test('a key held down moves on, and claims once', () => {
  expect(actionOf(press('j', { repeat: true }), free)).toBe('down');
  expect(actionOf(press('c', { repeat: true }), free)).toBeUndefined();
  expect(actionOf(press('n', { repeat: true }), free)).toBeUndefined();
});

test('the choice is remembered, and on where nothing can be kept', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  expect(shortcutsEnabled(storage)).toBe(true);
  rememberShortcuts(storage, false);
  expect(shortcutsEnabled(storage)).toBe(false);
  rememberShortcuts(storage, true);
  expect(shortcutsEnabled(storage)).toBe(true);

  const refuses = () => {
    throw new Error('SecurityError');
  };
  expect(shortcutsEnabled({ getItem: refuses })).toBe(true);
  expect(() => rememberShortcuts({ setItem: refuses }, false)).not.toThrow();
  expect(shortcutsEnabled(undefined)).toBe(true);
});
