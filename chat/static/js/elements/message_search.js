// The search: what narrows it is added to what is typed, and arrow keys lead from the field through the
// messages that were found.

import { LiveElement } from "../helpers/live_element.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export class MessageSearch extends LiveElement {
  prepare() {
    this.addEventListener("click", (event) => this.#add(event));
    this.addEventListener("keydown", (event) => this.#move(event));
    this.addEventListener("submit", ({ target }) => this.#complete(target));
  }

  #add(event) {
    const { adds } = event.target.closest("[data-adds]")?.dataset ?? {};
    if (!adds || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const field = this.#field;
    field.value = `${field.value.trim()} ${adds}`.trim();
    field.form.requestSubmit();
  }

  // Days are chosen for what is typed by now.
  #complete(form) {
    if (form.matches(".search-dates")) form.elements.q.value = this.#field.value;
  }

  // The field is above the first message.
  #move(event) {
    const { key, target } = event;
    const step = STEPS[key];
    const stops = [this.#field, ...this.querySelectorAll(".search-result .message-time")];
    const at = stops.indexOf(target);
    if (!step || at < 0 || !stops[at + step]) return;
    event.preventDefault();
    stops[at + step].focus();
  }

  get #field() {
    return this.querySelector("[name=q]");
  }
}
