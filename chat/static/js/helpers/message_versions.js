// The dialog with the edit history of a message.

import { t } from "../models/translation.js";
import { getJson } from "./api.js";
import { showTime } from "./time.js";

export class MessageVersions {
  #dialog;
  #say;

  // `say` shows a sentence.
  constructor(dialog, say) {
    this.#dialog = dialog;
    this.#say = say;
    dialog.querySelector(".versions-close").addEventListener("click", () => dialog.close());
  }

  // Shows the earlier texts of a message.
  async show(messageId) {
    try {
      const versions = await versionsOf(messageId);
      this.#dialog
        .querySelector(".versions-list")
        .replaceChildren(...versions.slice(0, -1).map((version) => this.#item(version)));
      this.#dialog.showModal();
    } catch {
      this.#say(t("The edit history could not be loaded. Try again when the connection is back."));
    }
  }

  #item({ body, created_at: createdAt }) {
    const item = this.#dialog.querySelector("template").content.firstElementChild.cloneNode(true);
    showTime(item.querySelector("time"), createdAt);
    item.querySelector(".version-body").textContent = body;
    return item;
  }
}

// Resolves to all texts of a message, from the first to the present one.
async function versionsOf(messageId) {
  const found = [];
  for (let after = 0; after !== null;) {
    const page = await getJson(`/messages/${messageId}/versions?after=${after}`);
    found.push(...page.versions);
    after = page.next;
  }
  return found;
}
