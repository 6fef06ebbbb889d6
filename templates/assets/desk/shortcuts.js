/**
 * Single-key shortcuts of the desk: which action a key press asks for. They can be turned off, and are never
 * taken from somebody who types.
 */

/** @typedef {'down' | 'up' | 'claim' | 'next' | 'help'} Action */

/** @type {Readonly<Record<string, Action>>} */
const actions = { j: 'down', k: 'up', c: 'claim', n: 'next', '?': 'help' };

/**
 * What is known of a key press; a `KeyboardEvent` has it all.
 * @typedef {object} Press
 * @property {string} key
 * @property {boolean} ctrlKey
 * @property {boolean} metaKey
 * @property {boolean} altKey
 * @property {boolean} repeat
 * @property {boolean} isComposing
 * @property {boolean} defaultPrevented
 */

/**
 * The action that a key press asks for.
 * @param {Press} press
 * @param {{ readonly enabled: boolean, readonly typing: boolean, readonly dialogOpen: boolean }} situation
 *   whether the shortcuts are on, whether the focus is where keys write, whether a dialog is in front
 * @returns {Action | undefined}
 */
export function actionOf(press, { enabled, typing, dialogOpen }) {
  if (!enabled || typing || dialogOpen) return undefined;
  if (press.ctrlKey || press.metaKey || press.altKey || press.isComposing || press.defaultPrevented)
    return undefined;
  const action = Object.hasOwn(actions, press.key) ? actions[press.key] : undefined;
  // A key held down moves on; it does not claim a second case.
  if (press.repeat && action !== 'down' && action !== 'up') return undefined;
  return action;
}

const storageKey = 'desk.shortcuts';

/**
 * Whether the agent left the shortcuts on; on when the browser keeps nothing.
 * @param {Pick<Storage, 'getItem'> | undefined} storage
 */
export function shortcutsEnabled(storage) {
  try {
    return storage?.getItem(storageKey) !== 'off';
  } catch {
    return true;
  }
}

/**
 * Remembers the choice, where the browser allows it.
 * @param {Pick<Storage, 'setItem'> | undefined} storage
 * @param {boolean} enabled
 */
export function rememberShortcuts(storage, enabled) {
  try {
    storage?.setItem(storageKey, enabled ? 'on' : 'off');
  } catch {
    // A locked-down browser: the choice holds for this page.
  }
}
