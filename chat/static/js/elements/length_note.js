// Says that a field is full, whose browser takes no more characters without a word.

import { LiveElement } from "../helpers/live_element.js";
import { t } from "../models/translation.js";

export class LengthNote extends LiveElement {
  prepare() {
    const field = this.closest(".field").querySelector("input");
    field.addEventListener("input", () => this.#follow(field));
  }

  #follow({ value, maxLength: count }) {
    const isFull = value.length >= count;
    this.textContent = isFull
      ? t("That is the longest it can be: {count} characters.", { count })
      : "";
  }
}
