// Shows who else is typing in the open room.

import { connection } from "../models/connection.js";
import { people } from "../models/people.js";
import { sentence, Writers } from "../models/writers.js";

export class TypingNotice extends HTMLElement {
  #writers = new Writers();

  connectedCallback() {
    connection.addEventListener("room:typing", ({ detail }) => this.#note(detail));
    connection.addEventListener("state", () => connection.isOpen || this.#forget());
    this.#writers.addEventListener("change", () => this.#show());
  }

  #note({ room_id: roomId, user_id: userId, typing }) {
    const { me } = document.querySelector("#main").dataset;
    if (roomId === this.dataset.roomId && userId !== me) this.#writers.set(userId, typing);
  }

  #forget() {
    for (const id of this.#writers.ids) this.#writers.set(id, false);
  }

  async #show() {
    const { ids } = this.#writers;
    const names = await Promise.all(ids.map((id) => people.name(id)));
    if (ids.join() === this.#writers.ids.join()) this.textContent = sentence(names); // else somebody came or went meanwhile
  }
}
