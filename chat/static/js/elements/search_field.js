// The search field of the sidebar: / focuses it from anywhere. Escape gives the focus back to what had
// it, or to the composer.

import { LiveElement } from "../helpers/live_element.js";
import { goTo } from "../helpers/navigation.js";

export class SearchField extends LiveElement {
  #before = null; // what had the focus

  prepare() {
    this.#input.addEventListener("focus", ({ relatedTarget }) => (this.#before = relatedTarget));
    this.#input.addEventListener("keydown", ({ key }) => key === "Escape" && this.#giveBack());
    this.addEventListener("submit", () => setTimeout(() => (this.#input.value = ""))); // the search has it
  }

  enter() {
    document.addEventListener("keydown", (event) => this.#lead(event), { signal: this.staySignal });
  }

  #giveBack() {
    this.#input.blur();
    const isBack = this.#before?.isConnected && !this.#before.matches("main");
    (isBack ? this.#before : document.querySelector(".composer-body"))?.focus();
  }

  get #input() {
    return this.querySelector("input");
  }

  #lead(event) {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (key !== "/" || ctrlKey || metaKey || altKey || isTyping(target)) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (this.checkVisibility()) {
      this.#input.focus();
      this.#input.select();
    } else {
      // a narrow screen shows no sidebar
      goTo(this.querySelector("form").action);
    }
  }
}

function isTyping(target) {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable]") !== null
  );
}
