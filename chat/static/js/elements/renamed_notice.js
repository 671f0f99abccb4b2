// Says that somebody else changed one's username, until one has read it. A room that is kept comes back
// as it was left, so its notice looks whether that was done meanwhile.

import { LiveElement } from "../helpers/live_element.js";

let isRead = false;

export class RenamedNotice extends LiveElement {
  prepare() {
    this.addEventListener("submit", () => (isRead = true));
  }

  comeBack() {
    this.hidden = isRead;
  }
}
