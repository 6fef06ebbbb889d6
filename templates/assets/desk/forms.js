/** Forms are sent once, and what was typed in them is not lost by a key or a click on the way. */
export function guardForms() {
  /** @type {HTMLFormElement | undefined} */
  let sent;

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (event.defaultPrevented || !(form instanceof HTMLFormElement) || form.method !== 'post') return;
    if (sent === form) event.preventDefault();
    sent = form;
  });

  // Back from the page that followed: the form may be sent again.
  addEventListener('pageshow', () => {
    sent = undefined;
  });

  addEventListener('beforeunload', (event) => {
    const written = [...document.querySelectorAll('main textarea')].some(
      (field) =>
        field instanceof HTMLTextAreaElement && field.form !== sent && field.value !== field.defaultValue,
    );
    if (!written) return;
    event.preventDefault();
    // Whoever stays may send the form after all.
    setTimeout(() => {
      sent = undefined;
    });
  });
}
