// The list of rooms with something unread, where one begins: it follows what is said and read.

import { connection } from "../models/connection.js";
import { LiveElement } from "../helpers/live_element.js";
import { refreshQuietly } from "../helpers/quiet_refresh.js";

const SOON = 500; // ms in which all changes become one request
const CHANGES = ["entry", "room:read", "room:added", "room:removed", "hello"];

export class UnreadRooms extends LiveElement {
  #timer = null;

  enter() {
    for (const event of CHANGES) this.listen(connection, event, () => this.#refreshSoon());
  }

  leave() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #refreshSoon() {
    this.#timer ??= setTimeout(() => this.#refresh(), SOON);
  }

  async #refresh() {
    this.#timer = null;
    const isOpen = this.querySelector("details")?.open;
    await refreshQuietly(this, "unread-rooms");
    this.querySelector("details")?.toggleAttribute("open", isOpen);
  }
}
