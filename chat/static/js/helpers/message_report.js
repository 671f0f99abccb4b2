// The dialog in which somebody reports a message to the administrators.

import { sendForStatus } from "./api.js";
import { showQuote } from "./message_quote.js";
import { t } from "../models/translation.js";

const opened = new WeakMap(); // dialog -> MessageReport
const ALREADY = 200; // the answer is the earlier report, which stays as it is

// `element`: the message. `say` shows a sentence.
export function openReport({ dialog, element, say }) {
  if (!opened.has(dialog)) opened.set(dialog, new MessageReport(dialog, say));
  opened.get(dialog).open(element);
}

class MessageReport {
  #dialog;
  #say;
  #id; // of the message

  constructor(dialog, say) {
    this.#dialog = dialog;
    this.#say = say;
  }

  open(element) {
    this.#id = element.dataset.id;
    if (!this.#form) this.#addForm();
    showQuote(this.#dialog, element);
    this.#dialog.showModal();
  }

  get #form() {
    return this.#dialog.querySelector("form");
  }

  // Few people report anything, so the page has the form once somebody does.
  #addForm() {
    const dialog = this.#dialog;
    dialog.append(dialog.querySelector("template").content.cloneNode(true));
    this.#form.addEventListener("submit", () => this.#send());
    dialog.querySelector(".question-no").addEventListener("click", () => dialog.close());
  }

  async #send() {
    const form = this.#form;
    const { value: reason } = form.elements.reason;
    try {
      const { status } = await sendForStatus("POST", `/messages/${this.#id}/report`, { reason });
      form.reset();
      if (status === ALREADY) this.#say(t("You reported this already."));
      else this.#say(t("Reported. An administrator will look at it."));
    } catch (problem) {
      this.#say(problem.message);
    }
  }
}
