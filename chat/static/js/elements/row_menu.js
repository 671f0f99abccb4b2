// The menu of a row, a popover: it opens beside its button, arrow keys lead through it, and it closes when
// one of its links is followed or a form of it is sent.

import { LiveElement } from "../helpers/live_element.js";
import { itemFor } from "../helpers/menu_keys.js";
import { fitting } from "../models/choices.js";
import { openAt } from "../helpers/popovers.js";

export class RowMenu extends LiveElement {
  prepare() {
    this.#button.addEventListener("click", (event) => this.#open(event));
    this.addEventListener("keydown", (event) => this.#press(event));
    this.addEventListener("click", ({ target }) => this.#leave(target));
    this.#filter?.addEventListener("input", () => this.#narrow());
    if (this.#filter) this.#filter.hidden = false;
  }

  #open(event) {
    event.preventDefault(); // the browser would put it in the middle
    if (this.matches(":popover-open")) return this.hidePopover();
    openAt(this, this.#button, { isAtTheStart: "atStart" in this.dataset });
    (this.#filter ?? this.#items[0]).focus();
  }

  // The focus returns to where it was opened.
  #leave(chosen) {
    if (chosen.closest(".menu-item:is([href], [type=submit])")) this.hidePopover();
  }

  // Enter takes the first that fits.
  #narrow() {
    const items = [...this.querySelectorAll(".menu-item")];
    const choices = items.map((item) => ({ name: item.textContent.trim(), item }));
    const words = this.#filter.value.trim();
    const found = words ? fitting(choices, { words }) : choices;
    for (const item of items) item.hidden = !found.some((choice) => choice.item === item);
  }

  #press(event) {
    if (event.target.matches(".search-dates *")) return; // its keys choose a day
    const isTyping = event.target === this.#filter;
    if (event.key === "Enter" && isTyping) this.#items[0]?.click();
    if (isTyping && !event.key.startsWith("Arrow")) return; // the filter takes it
    const next = itemFor(event, this.#items);
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  get #button() {
    return this.parentElement.querySelector("[popovertarget]");
  }

  get #items() {
    return [...this.querySelectorAll(".menu-item")].filter((item) => item.checkVisibility());
  }

  get #filter() {
    return this.querySelector(".menu-filter");
  }
}
