// A password that its person may look at. It is hidden again when it is sent, so that no browser
// remembers it as a text.

import { LiveElement } from "../helpers/live_element.js";
import { inContext, t } from "../models/translation.js";

export class PasswordField extends LiveElement {
  #label;

  prepare() {
    this.#label = this.#input.labels[0].textContent;
    this.#toggle.addEventListener("click", () => this.#show(this.#input.type === "password"));
    this.#input.form.addEventListener("submit", () => this.#show(false));
    this.#toggle.hidden = false;
    this.#show(false);
  }

  leave() {
    this.#show(false);
  }

  #show(isShown) {
    this.#input.type = isShown ? "text" : "password";
    this.#toggle.textContent = isShown
      ? inContext("a password", "Hide")
      : inContext("a password", "Show");
    const field = this.#label;
    this.#toggle.ariaLabel = isShown ? t("Hide {field}", { field }) : t("Show {field}", { field });
  }

  get #input() {
    return this.querySelector("input");
  }

  get #toggle() {
    return this.querySelector("button");
  }
}
