// A text to hand on, with a button that copies it, and perhaps one that prints the page.

import { LiveElement } from "../helpers/live_element.js";
import { t } from "../models/translation.js";

export class CopyField extends LiveElement {
  prepare() {
    const [copy, print] = this.querySelectorAll("button");
    copy.hidden = false;
    copy.addEventListener("click", () => this.#copy());
    if (print) {
      print.hidden = false;
      print.addEventListener("click", () => window.print());
    }
    this.#text.addEventListener("focus", () => this.#text.select());
  }

  // Plain http from another host has no clipboard: then the browser copies what is selected, by an old
  // command that few may not have, and otherwise the person by keys.
  async #copy() {
    const status = this.querySelector("[role=status]");
    this.#text.select();
    try {
      await navigator.clipboard.writeText(this.#text.value);
      status.textContent = t("Copied");
    } catch {
      const isCopied = document.execCommand("copy");
      status.textContent = isCopied ? t("Copied") : t("Press Ctrl+C to copy");
    }
  }

  get #text() {
    return this.querySelector("input, textarea");
  }
}
