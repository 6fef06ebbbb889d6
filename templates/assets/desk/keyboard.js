import { actionOf, rememberShortcuts, shortcutsEnabled } from './shortcuts.js';

/** Single-key shortcuts on every page of the desk, and the dialog that explains them and turns them off. */
export function listenToKeys() {
  const storage = keptStorage();
  let enabled = shortcutsEnabled(storage);
  const dialog = document.querySelector('dialog#shortcuts');
  const open = document.querySelector('[data-open-shortcuts]');
  const toggle = document.getElementById('shortcuts-switch');

  if (open instanceof HTMLElement && dialog instanceof HTMLDialogElement) {
    open.hidden = false;
    open.addEventListener('click', () => dialog.showModal());
  }
  if (toggle instanceof HTMLInputElement) {
    toggle.checked = enabled;
    toggle.addEventListener('change', () => {
      enabled = toggle.checked;
      rememberShortcuts(storage, enabled);
    });
  }

  /** Where `j` and `k` are, kept when the row they were on leaves. */
  let place = -1;

  /** @param {1 | -1} step */
  function move(step) {
    const links = openLinks();
    const focused = links.findIndex((link) => link.closest('tr')?.contains(document.activeElement));
    if (focused >= 0) place = focused + step;
    // The row that was here has left, and the next one took its place: down goes to it.
    else if (place < 0 || step < 0) place += step;
    place = Math.min(Math.max(place, 0), links.length - 1);
    links[place]?.focus();
  }

  document.addEventListener('focusin', ({ target }) => {
    const at = openLinks().findIndex(
      (link) => target instanceof Node && link.closest('tr')?.contains(target),
    );
    if (at >= 0) place = at;
  });

  document.addEventListener('keydown', (event) => {
    const typing = isTyping(event.target);
    const dialogOpen = dialog instanceof HTMLDialogElement && dialog.open;
    const action = actionOf(event, { enabled, typing, dialogOpen });
    if (!action) return;
    event.preventDefault();
    if (action === 'down') move(1);
    if (action === 'up') move(-1);
    if (action === 'claim') claimButton()?.click();
    if (action === 'next') click('[data-next]');
    if (action === 'help' && dialog instanceof HTMLDialogElement) dialog.showModal();
  });
}

/** The links that open the cases of the list, in the order in which they are seen. */
function openLinks() {
  return [...document.querySelectorAll('[data-open]')].filter((link) => link instanceof HTMLElement);
}

/** On the queue, the button of the row where the focus is; on a case's page, its own. */
function claimButton() {
  const here = document.activeElement?.closest('tr') ?? document.querySelector('[data-case]');
  const button = here?.querySelector('[data-claim]');
  return button instanceof HTMLButtonElement ? button : undefined;
}

/** @param {string} selector */
function click(selector) {
  const button = document.querySelector(selector);
  if (button instanceof HTMLButtonElement) button.click();
}

/** @param {EventTarget | null} target whether keys write or choose something there */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input:not([type="checkbox"]), textarea, select');
}

function keptStorage() {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
