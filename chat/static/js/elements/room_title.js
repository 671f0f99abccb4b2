// The name or the topic of the open room, which follow changes. An empty topic takes no place.

import { LiveElement } from "../helpers/live_element.js";
import { roomFacts } from "../models/room_facts.js";

class RoomFact extends LiveElement {
  enter() {
    this.listen(roomFacts, "change", (room) => this.#learn(room));
  }

  comeBack() {
    this.#learn(roomFacts.of(this.dataset.roomId));
  }

  #learn(room) {
    if (room?.id === this.dataset.roomId) this.show(room);
  }
}

export class RoomTitle extends RoomFact {
  show({ name }) {
    this.textContent = name;
  }
}

export class RoomTopic extends RoomFact {
  show({ topic }) {
    this.textContent = this.title = topic;
    this.hidden = !topic;
  }
}
