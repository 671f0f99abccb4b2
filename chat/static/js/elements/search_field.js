// The search field of the sidebar: / and Ctrl-K (⌘K) focus it from anywhere, Escape leaves it.

import { goTo } from "../helpers/navigation.js";

export class SearchField extends HTMLElement {
  connectedCallback() {
    document.addEventListener("keydown", this.#lead);
    this.#input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#input.blur();
    });
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#lead);
  }

  get #input() {
    return this.querySelector("input");
  }

  #lead = (event) => {
    const isSlash =
      event.key === "/" &&
      !event.ctrlKey &&
      !event.metaKey &&
      !event.altKey &&
      !isTyping(event.target);
    const isCtrlK =
      event.key.toLowerCase() === "k" &&
      (event.ctrlKey || event.metaKey) &&
      !event.altKey &&
      !event.shiftKey;
    if (!isSlash && !isCtrlK) return;
    event.preventDefault();
    if (this.checkVisibility()) {
      this.#input.focus();
      this.#input.select();
    } else {
      // a narrow screen shows no sidebar
      goTo(this.querySelector("form").action);
    }
  };
}

function isTyping(target) {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable]") !== null
  );
}
