// Shows who else is typing in the open room.

import { connection } from "../models/connection.js";
import { people } from "../models/people.js";
import { sentence, Writers } from "../models/writers.js";

export class TypingNotice extends HTMLElement {
  #writers = new Writers();

  connectedCallback() {
    connection.addEventListener("room:typing", ({ detail }) => this.#hear(detail));
    connection.addEventListener("state", () => connection.isOpen || this.#forget());
    this.#writers.addEventListener("change", () => this.#show());
  }

  #hear({ room_id: roomId, user_id: userId, typing }) {
    const { me } = document.querySelector("#main").dataset;
    if (roomId === this.dataset.roomId && userId !== me) this.#writers.hear(userId, typing);
  }

  #forget() {
    for (const id of this.#writers.ids) this.#writers.hear(id, false);
  }

  async #show() {
    const { ids } = this.#writers;
    const names = await Promise.all(ids.map((id) => people.name(id)));
    if (ids.join() === this.#writers.ids.join()) this.textContent = sentence(names); // else somebody came or went meanwhile
  }
}
