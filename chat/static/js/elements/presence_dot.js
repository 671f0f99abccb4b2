// Shows whether a person is online: a dot, and a word for screen readers.

import { LiveElement } from "../helpers/live_element.js";
import { presences } from "../models/presences.js";
import { t } from "../models/translation.js";

const NAMES = { online: t("online"), away: t("away"), offline: t("offline") };

export class PresenceDot extends LiveElement {
  enter() {
    if (!this.dataset.userId) return;
    this.listen(presences, "change", (id) => id === this.dataset.userId && this.#update());
    presences.want(this.dataset.userId);
    this.#update();
  }

  #update() {
    const status = presences.statusOf(this.dataset.userId);
    this.hidden = !status;
    this.dataset.status = status ?? "";
    const text = NAMES[status] ?? "";
    this.title = text;
    this.querySelector(".presence-text").textContent = text && `(${text})`;
  }
}
