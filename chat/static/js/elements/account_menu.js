// The menu of one's account, a <details>: it closes with Escape, by a click elsewhere, and when one
// of its links is followed or its form is sent.

import { LiveElement } from "../helpers/live_element.js";

export class AccountMenu extends LiveElement {
  prepare() {
    this.addEventListener("keydown", ({ key }) => key === "Escape" && this.#leave());
  }

  enter() {
    const closeBeside = ({ target }) => {
      if (!this.contains(target) || target.closest("a")) this.#details.open = false;
      else if (target.closest(".read-all-form")) this.#leave();
    };
    document.addEventListener("click", closeBeside, { signal: this.staySignal });
  }

  #leave() {
    if (!this.#details.open) return;
    this.#details.open = false;
    this.querySelector("summary").focus();
  }

  get #details() {
    return this.querySelector("details");
  }
}
