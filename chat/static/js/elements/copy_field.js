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
    this.#text.addEventListener("focus", () => this.#select());
  }

  // Plain http from another host has no clipboard: then the browser copies what is selected, by an old
  // command that few may not have, and otherwise the person by keys.
  async #copy() {
    const status = this.querySelector("[role=status]");
    this.#select();
    try {
      await navigator.clipboard.writeText(this.#text.value ?? this.#text.textContent);
      status.textContent = t("Copied");
    } catch {
      const isCopied = document.execCommand("copy");
      status.textContent = isCopied ? t("Copied") : t("Press Ctrl+C to copy");
    }
  }

  #select() {
    if (this.#text.select) this.#text.select();
    else getSelection().selectAllChildren(this.#text);
  }

  get #text() {
    return this.querySelector("input, textarea, pre");
  }
}
