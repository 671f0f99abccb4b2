// The dialog in which somebody reports a message to the administrators.

import { sendJson } from "./api.js";
import { showQuote } from "./message_quote.js";
import { t } from "../models/translation.js";

export class MessageReport {
  #dialog;
  #say;
  #id; // of the message

  // `say` shows a sentence.
  constructor(dialog, say) {
    this.#dialog = dialog;
    this.#say = say;
    dialog.querySelector("form").addEventListener("submit", () => this.#send());
    dialog.querySelector(".question-no").addEventListener("click", () => dialog.close());
  }

  open(element) {
    this.#id = element.dataset.id;
    showQuote(this.#dialog, element);
    this.#dialog.showModal();
  }

  async #send() {
    const form = this.#dialog.querySelector("form");
    const { value: reason } = form.elements.reason;
    try {
      await sendJson("POST", `/messages/${this.#id}/report`, { reason });
      form.reset();
      this.#say(t("Reported. An administrator will look at it."));
    } catch (problem) {
      this.#say(problem.message);
    }
  }
}
