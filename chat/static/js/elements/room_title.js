// The open room's name, which follows changes.

import { connection } from "../models/connection.js";

export class RoomTitle extends HTMLElement {
  connectedCallback() {
    connection.addEventListener("room:updated", ({ detail }) => this.#show(detail.room));
  }

  #show({ id, name }) {
    if (id === this.dataset.roomId) this.textContent = name;
  }
}
