// The dialog with the edit history of a message.

import { t } from "../models/translation.js";
import { getJson } from "./api.js";
import { showTime } from "./time.js";

// Shows the earlier texts of a message. `say` shows a sentence.
export async function showVersions({ dialog, id, say }) {
  try {
    const versions = await versionsOf(id);
    dialog
      .querySelector(".versions-list")
      .replaceChildren(...versions.slice(0, -1).map((version) => itemOf(dialog, version)));
    dialog.querySelector(".versions-close").onclick = () => dialog.close();
    dialog.showModal();
  } catch {
    say(t("The edit history could not be loaded. Try again when the connection is back."));
  }
}

function itemOf(dialog, { body, created_at: createdAt }) {
  const item = dialog.querySelector("template").content.firstElementChild.cloneNode(true);
  showTime(item.querySelector("time"), createdAt);
  item.querySelector(".version-body").textContent = body;
  return item;
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
