// The number of people in the open room.

import { connection } from "../models/connection.js";
import { standings } from "../models/my_standings.js";

const STEP = { joined: 1, left: -1 };

export class MemberCount extends HTMLElement {
  connectedCallback() {
    connection.addEventListener("hello", ({ detail }) => this.#learn(detail.rooms));
    standings.addEventListener("standing", ({ detail }) => this.#learn([detail]));
    connection.addEventListener("room:member", ({ detail }) => this.#step(detail));
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
    this.textContent = count === 1 ? "1 person" : `${count} people`;
  }
}
