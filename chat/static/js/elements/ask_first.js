// Asks before something goes away: opens the question of its dialog instead of the page that asks
// the same.

import { LiveElement } from "../helpers/live_element.js";

export class AskFirst extends LiveElement {
  prepare() {
    this.querySelector("[data-asks]")?.addEventListener("click", (event) => this.#open(event));
    this.querySelector(".question-no")?.addEventListener("click", () => this.#dialog.close());
    this.#name?.addEventListener("input", () => this.#compare());
  }

  enter() {
    this.staySignal.addEventListener("abort", () => this.#dialog?.close());
  }

  #open(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.querySelector(":popover-open")?.hidePopover(); // the focus goes to its button, and comes back there
    if (this.#name) this.#name.value = "";
    this.#compare();
    this.#dialog.showModal();
  }

  // What needs its name is possible once that is typed.
  #compare() {
    const name = this.#name;
    if (name)
      this.querySelector(".question-yes").disabled = name.value.trim() !== name.dataset.typed;
  }

  get #name() {
    return this.querySelector("[data-typed]");
  }

  get #dialog() {
    return this.querySelector("dialog");
  }
}
