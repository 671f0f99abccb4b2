// Signing out removes everything of the person from this browser. It asks first if a message is unsent.

import { copies } from "../models/my_copies.js";
import { outbox } from "../models/my_outbox.js";
import { forgetDrafts } from "../helpers/drafts.js";
import { LiveElement } from "../helpers/live_element.js";
import { plural, t } from "../models/translation.js";

export class SignOut extends LiveElement {
  #dialog;

  prepare() {
    this.#dialog = this.querySelector("dialog");
    this.querySelector(".sign-out-form").addEventListener("submit", (event) => this.#ask(event));
    this.querySelector(".sign-out-stay").addEventListener("click", () => this.#dialog.close());
    this.querySelector(".sign-out-anyway").addEventListener("click", () => this.#leave());
  }

  async #ask(event) {
    event.preventDefault();
    await outbox.refresh();
    const { length } = outbox.unsent;
    if (!length) return this.#leave();
    const text = plural(
      "One message is not sent yet.",
      "{count} messages are not sent yet.",
      length,
    );
    this.querySelector(".sign-out-question").textContent =
      `${text} ${t("Signing out discards what is not sent.")}`;
    this.#dialog.showModal();
  }

  async #leave() {
    await outbox.clear();
    await copies?.clear();
    forgetDrafts(document.querySelector("#main").dataset.me);
    this.querySelector(".sign-out-form").submit();
  }
}
