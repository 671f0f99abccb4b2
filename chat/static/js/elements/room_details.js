// A page of a room's details. What it shows may change: then it is fetched again, quietly. What
// somebody has begun to write stays.

import { connection } from "../models/connection.js";
import { standings } from "../models/my_standings.js";
import { LiveElement } from "../helpers/live_element.js";
import { refreshQuietly } from "../helpers/quiet_refresh.js";

const SOON = 150; // ms in which several changes become one request
// What changes each page, besides the room itself.
const EVENTS = { people: ["room:member"], pinned: ["entry"], pictures: ["entry"] };

export class RoomDetails extends LiveElement {
  #timer;

  enter() {
    const on = (name, action) => this.listen(connection, name, action);
    on("hello", ({ rooms }) => rooms.forEach(({ room }) => this.#compare(room)));
    on("room:updated", ({ room }) => this.#compare(room));
    this.listen(standings, "standing", ({ room }) => this.#compare(room));
    for (const name of EVENTS[this.dataset.tab] ?? [])
      on(name, (what) => this.#concerns(what) && this.#fetchSoon());
  }

  leave() {
    clearTimeout(this.#timer);
  }

  #compare(room) {
    if (room.id !== this.dataset.roomId) return;
    const { role, name, topic, kind, archived_at: archivedAt, member_count: count } = room;
    const state = [role, name, topic, kind, archivedAt, count];
    if (JSON.stringify(state) !== JSON.stringify(JSON.parse(this.dataset.state))) this.#fetchSoon();
  }

  // Of entries: pins and pictures, and changes of the messages that are shown.
  #concerns({ room_id: roomId, event, message }) {
    if (roomId !== this.dataset.roomId) return false;
    if (!message) return true;
    const isShown = this.querySelector(`[data-id="${message.id}"]`);
    const isNew = { pinned: event === "message:pinned", pictures: message.images.length > 0 };
    return Boolean(isShown) || isNew[this.dataset.tab];
  }

  #fetchSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => refreshQuietly(this, "room-details"), SOON);
  }
}
