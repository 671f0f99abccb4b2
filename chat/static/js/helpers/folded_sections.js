// Parts of the list of rooms can be folded: then they show what is unread, and the current room. This
// browser remembers it in a cookie, so that the server renders the next page folded.

import { writeCookie } from "./cookies.js";

// `list` is the <room-list>.
export function foldSections(list) {
  list.addEventListener("click", ({ target }) => {
    const button = target.closest(".room-list-fold");
    if (!button) return;
    button.ariaExpanded = !button.closest(".room-list-group").toggleAttribute("data-folded");
    const folded = list.querySelectorAll("[data-folded] > [data-section]");
    writeCookie(list.dataset.cookie, [...folded].map(({ dataset }) => dataset.section).join("."));
  });
}
