// Asks before something goes away: opens the question of its dialog instead of the page that asks
// the same.

import { LiveElement } from "../helpers/live_element.js";

export class AskFirst extends LiveElement {
  prepare() {
    this.querySelector("a").addEventListener("click", (event) => this.#open(event));
    this.querySelector(".question-no").addEventListener("click", () => this.#dialog.close());
  }

  enter() {
    this.staySignal.addEventListener("abort", () => this.#dialog.close());
  }

  #open(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#dialog.showModal();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }
}
