// Marks everything as read, by the form of the account's menu: Shift+Escape and the switcher send it, too.
// The page that answers says how many rooms it were, and has a form to take it back: both are shown as
// a notice, on the page that is there.

import { showPageNotice } from "./page_notice.js";

export function followReadAll() {
  for (const place of document.querySelectorAll(".read-all-form, .page-notice"))
    place.addEventListener("answer", show);
}

export function readAll() {
  document.querySelector(".read-all-form").requestSubmit();
}

function show(event) {
  const said = event.detail.main.querySelector(".read-all");
  if (!said) return;
  event.preventDefault();
  showPageNotice(...said.childNodes);
}
