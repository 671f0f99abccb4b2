// Makes a passkey when its form is sent, and sends it along.

import { LiveElement } from "../helpers/live_element.js";
import { FAILED, fill, knowsPasskeys, makePasskey } from "../helpers/passkeys.js";
import { t } from "../models/translation.js";

const UNKNOWN = t("This browser can’t make passkeys. Try another one.");
const IS_THERE = t("This device has a passkey for the chat already.");

export class PasskeyMaker extends LiveElement {
  prepare() {
    if (!knowsPasskeys()) return this.#say(UNKNOWN);
    this.#say("");
    this.#button.hidden = false;
    this.#form.addEventListener("submit", (event) => this.#make(event));
  }

  async #make(event) {
    event.preventDefault();
    this.#button.disabled = true;
    try {
      fill(this.#form, await makePasskey(JSON.parse(this.dataset.options)));
      this.#form.submit();
    } catch (error) {
      this.#say(error.name === "InvalidStateError" ? IS_THERE : FAILED);
      this.#button.disabled = false;
    }
  }

  #say(text) {
    this.querySelector("p[role=status]").textContent = text;
  }

  get #form() {
    return this.querySelector("form");
  }

  get #button() {
    return this.querySelector("button[type=submit]");
  }
}
