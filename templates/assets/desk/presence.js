import { announce, say } from './page.js';

/** The presence switch, without leaving the page: what is being typed elsewhere on it stays. */
export function livenPresence() {
  const form = document.querySelector('[data-presence-form]');
  if (!(form instanceof HTMLFormElement)) return;
  form.addEventListener('submit', (event) => {
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    void change(form, button);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} chosen
 */
async function change(form, chosen) {
  const saved = await put(chosen.value);
  if (saved) showPresence(form, chosen.value);
  const outcome = form.querySelector('output');
  if (outcome) outcome.textContent = saved ? '' : say('presenceFailed');
  if (saved) announce(say('presenceSaved', { presence: chosen.textContent.trim() }));
}

/** @param {string} presence */
async function put(presence) {
  try {
    const answer = await fetch('/api/agents/me/presence', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ presence }),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

/**
 * @param {ParentNode} form
 * @param {string} presence
 */
export function showPresence(form, presence) {
  for (const button of form.querySelectorAll('[data-presence]')) {
    if (button instanceof HTMLButtonElement) {
      button.setAttribute('aria-pressed', String(button.value === presence));
    }
  }
}
