// The menu of a row, a popover: it opens beside its button, and arrow keys lead through it.

import { LiveElement } from "../helpers/live_element.js";
import { openAt } from "../helpers/popovers.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export class RowMenu extends LiveElement {
  prepare() {
    this.#button.addEventListener("click", (event) => this.#open(event));
    this.addEventListener("keydown", (event) => this.#press(event));
  }

  #open(event) {
    event.preventDefault(); // the browser would put it in the middle
    if (this.matches(":popover-open")) return this.hidePopover();
    openAt(this, this.#button);
    this.#items[0].focus();
  }

  #press(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const items = this.#items;
    items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  }

  get #button() {
    return this.parentElement.querySelector("[popovertarget]");
  }

  get #items() {
    return [...this.querySelectorAll(".menu-item")];
  }
}
