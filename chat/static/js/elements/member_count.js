// The number of people in the open room.

import { connection } from "../models/connection.js";
import { standings } from "../models/my_standings.js";
import { LiveElement } from "../helpers/live_element.js";
import { plural } from "../models/translation.js";

const STEP = { joined: 1, left: -1 };

export class MemberCount extends LiveElement {
  enter() {
    this.listen(connection, "hello", ({ rooms }) => this.#learn(rooms));
    this.listen(standings, "standing", (item) => this.#learn([item]));
    this.listen(connection, "room:member", (change) => this.#step(change));
  }

  #learn(rooms) {
    const item = rooms.find(({ room }) => room.id === this.dataset.roomId);
    if (item) this.#show(item.room.member_count);
  }

  #step({ room_id: roomId, change }) {
    if (roomId === this.dataset.roomId)
      this.#show(Number(this.dataset.count) + (STEP[change] ?? 0));
  }

  #show(count) {
    this.dataset.count = count;
    this.querySelector(".member-count-number").textContent = count;
    this.querySelector(".member-count-word").textContent = ` ${plural("person", "people", count)}`;
  }
}
