/*
 * Shows beside each `<time data-zone>` (an instant written on the wall clock of that zone) the same instant on the visitor's
 * own clock, when the two differ: a practitioner in La Réunion reads Paris hours and theirs. Nothing is lost without it.
 */
for (const element of document.querySelectorAll('time[data-zone][datetime]')) {
  const instant = new Date(element.getAttribute('datetime') ?? '');
  const zone = element.getAttribute('data-zone') ?? 'Europe/Paris';
  if (Number.isNaN(instant.getTime())) continue;
  const language = document.documentElement.lang === 'en' ? 'en-GB' : 'fr-FR';
  const read = (timeZone, options) =>
    new Intl.DateTimeFormat(language, { timeZone, ...options }).format(instant);
  const time = { hour: '2-digit', minute: '2-digit' };
  const day = { weekday: 'long' };
  const sameDay = read(undefined, day) === read(zone, day);
  if (sameDay && read(undefined, time) === read(zone, time)) continue;
  const note = document.createElement('span');
  note.className = 'muted local-time';
  note.textContent = ` (${document.body.dataset.localTime ?? ''} ${read(undefined, sameDay ? time : { ...day, ...time })})`;
  (element.closest('.opening-state') ?? element).after(note);
}
