// The open room's name, which follows changes.

import { connection } from "../models/connection.js";
import { LiveElement } from "../helpers/live_element.js";

export class RoomTitle extends LiveElement {
  enter() {
    this.listen(connection, "room:updated", ({ room }) => this.#show(room));
  }

  #show({ id, name }) {
    if (id === this.dataset.roomId) this.textContent = name;
  }
}
