// Signing out removes everything of the person from this browser. It asks first if a message is unsent
// or a draft is left.

import { connection } from "../models/connection.js";
import { copies } from "../models/my_copies.js";
import { outbox } from "../models/my_outbox.js";
import { draftsOf, forgetDrafts } from "../helpers/drafts.js";
import { rowOf } from "../helpers/favourites.js";
import { LiveElement } from "../helpers/live_element.js";
import { forgetHere } from "../helpers/push.js";
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
    const problems = [unsentText(outbox.unsent.length), draftText(draftsOf(myId()))];
    const text = problems.filter(Boolean).join(" ");
    if (!text) return this.#leave();
    this.querySelector(".sign-out-question").textContent =
      `${text} ${t("Signing out discards what is not sent.")}`;
    this.#dialog.showModal();
  }

  async #leave() {
    await outbox.clear();
    await copies?.clear();
    forgetDrafts(myId());
    await forgetHere().catch(() => {});
    connection.leave();
    this.querySelector(".sign-out-form").submit();
  }
}

function unsentText(count) {
  if (!count) return "";
  return plural("One message is not sent yet.", "{count} messages are not sent yet.", count);
}

function draftText(ids) {
  if (!ids.length) return "";
  const room = rowOf(ids[0])?.querySelector(".room-item-name").textContent.trim();
  if (ids.length === 1 && room) return t("You have an unsent message in {room}.", { room });
  return plural("You have an unsent message.", "You have {count} unsent messages.", ids.length);
}

function myId() {
  return document.querySelector("#main").dataset.me;
}
