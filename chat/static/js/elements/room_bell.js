// The bell above a room: a menu of what notifies its reader there. It is crossed out while nothing does.

import { connection } from "../models/connection.js";
import { sendJson } from "../helpers/api.js";
import { rowOf } from "../helpers/favourites.js";
import { LiveElement } from "../helpers/live_element.js";
import { showPageNotice } from "../helpers/page_notice.js";

export class RoomBell extends LiveElement {
  prepare() {
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#choose(event.submitter.value);
    });
  }

  enter() {
    this.listen(connection, "room:updated", ({ room }) => {
      if (room.id === this.dataset.roomId) this.#show(room.notifications);
    });
  }

  comeBack() {
    this.#show(rowOf(this.dataset.roomId)?.dataset.notifications ?? this.dataset.level);
  }

  async #choose(level) {
    const { roomId } = this.dataset;
    try {
      await sendJson("PUT", `/rooms/${roomId}/notifications`, { level });
    } catch (error) {
      showPageNotice(error.message);
    }
  }

  #show(level) {
    this.dataset.level = level;
    for (const item of this.querySelectorAll("[name=level]")) {
      const isChosen = item.value === level;
      item.setAttribute("aria-pressed", isChosen);
      if (isChosen) this.querySelector("[popovertarget]").title = item.title;
    }
  }
}
