import { say } from './page.js';
import { showPresence } from './presence.js';

/** @typedef {{ readonly id: string, readonly name: string, readonly presence: string }} Agent */

/**
 * Shows who is there of the teams whose queues are seen, and on the agent's own switch what they chose elsewhere.
 * @param {HTMLElement} page
 * @param {string} me
 * @returns {(hotline: string, agents: unknown) => void}
 */
export function teamView(page, me) {
  const place = page.querySelector('[data-team]');
  /** @type {Map<string, readonly Agent[]>} */
  const teams = new Map();
  return (hotline, agents) => {
    if (!Array.isArray(agents)) return;
    teams.set(hotline, agents);
    const everybody = new Map([...teams.values()].flat().map((agent) => [agent.id, agent]));
    const mine = everybody.get(me);
    const switches = document.querySelector('[data-presence-form]');
    if (mine && switches) showPresence(switches, mine.presence);
    const there = [...everybody.values()].filter(({ presence }) => presence !== 'away');
    place?.replaceChildren(...there.sort((a, b) => a.name.localeCompare(b.name)).map(entry));
  };
}

/** @param {Agent} agent */
function entry({ name, presence }) {
  const element = document.createElement('li');
  element.dataset.presence = presence;
  const dot = document.createElement('span');
  dot.className = 'dot';
  dot.ariaHidden = 'true';
  const words = document.createElement('span');
  const said = document.createElement('span');
  said.className = 'visually-hidden';
  said.textContent = `(${say(presence === 'wrap_up' ? 'wrapUp' : 'available')})`;
  words.append(`${name} `, said);
  element.append(dot, words);
  return element;
}
