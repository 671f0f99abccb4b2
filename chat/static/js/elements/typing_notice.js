// Shows who else is typing in the open room.

import { connection } from "../models/connection.js";
import { people } from "../models/people.js";
import { sentence, Writers } from "../models/writers.js";
import { LiveElement } from "../helpers/live_element.js";

export class TypingNotice extends LiveElement {
  #writers = new Writers();

  prepare() {
    this.#writers.addEventListener("change", () => this.#show());
  }

  enter() {
    this.listen(connection, "room:typing", (report) => this.#note(report));
    this.listen(connection, "state", () => connection.isOpen || this.#forget());
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
