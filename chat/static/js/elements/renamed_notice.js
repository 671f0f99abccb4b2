// Says that somebody else changed one's username, until one has read it. A room that is kept comes back
// as it was left, so its notice looks whether that was done meanwhile.

import { LiveElement } from "../helpers/live_element.js";

let isRead = false;

export class RenamedNotice extends LiveElement {
  prepare() {
    this.addEventListener("submit", (event) => this.#dismiss(event));
  }

  comeBack() {
    this.hidden = isRead;
  }

  // What somebody does on the page stays.
  #dismiss(event) {
    event.preventDefault();
    fetch(event.target.action, {
      method: "POST",
      body: new FormData(event.target),
      redirect: "manual",
    }).catch(() => {}); // without a connection: the next page says it again
    this.hidden = isRead = true;
  }
}
