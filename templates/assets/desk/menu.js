/** Menus close when the focus or a click goes elsewhere, and by Escape; without scripts, by their own button. */
export function closeMenus() {
  for (const menu of document.querySelectorAll('details[data-menu]')) {
    if (!(menu instanceof HTMLDetailsElement)) continue;
    /** @param {Event} event */
    const leave = ({ target }) => {
      if (target instanceof Node && !menu.contains(target)) menu.open = false;
    };
    document.addEventListener('focusin', leave);
    document.addEventListener('click', leave);
    menu.addEventListener('keydown', ({ key }) => {
      if (key !== 'Escape' || !menu.open) return;
      menu.open = false;
      menu.querySelector('summary')?.focus();
    });
  }
}
