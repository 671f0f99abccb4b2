// A text to hand on, with a button that copies it.

import { LiveElement } from "../helpers/live_element.js";
import { t } from "../models/translation.js";

export class CopyField extends LiveElement {
  prepare() {
    const button = this.querySelector("button");
    button.hidden = false;
    button.addEventListener("click", () => this.#copy());
    this.#text.addEventListener("focus", () => this.#text.select());
  }

  // Plain http from another host has no clipboard: then the text is selected, to be copied by keys.
  async #copy() {
    const status = this.querySelector("[role=status]");
    this.#text.select();
    try {
      await navigator.clipboard.writeText(this.#text.value);
      status.textContent = t("Copied");
    } catch {
      status.textContent = t("Press Ctrl+C to copy");
    }
  }

  get #text() {
    return this.querySelector("input");
  }
}
