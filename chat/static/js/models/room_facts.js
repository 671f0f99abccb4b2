// What is known of the person's rooms, from whatever told it last. A page that was left and comes back
// learns here what changed meanwhile.

import { connection } from "./connection.js";
import { standings } from "./my_standings.js";

// Events: "change" (detail: a room, as the API shows it).
class RoomFacts extends EventTarget {
  #rooms = new Map();

  constructor() {
    super();
    const learn = (item) => this.#store(item.room);
    connection.addEventListener("hello", ({ detail }) => detail.rooms.forEach(learn));
    connection.addEventListener("room:updated", ({ detail }) => learn(detail));
    standings.addEventListener("standing", ({ detail }) => learn(detail));
  }

  // Undefined if nothing was told of it since the document was loaded.
  of(id) {
    return this.#rooms.get(id);
  }

  #store(room) {
    this.#rooms.set(room.id, room);
    this.dispatchEvent(new CustomEvent("change", { detail: room }));
  }
}

export const roomFacts = new RoomFacts();
