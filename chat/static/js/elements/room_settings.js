// A room's people and settings. They depend on one's role: when it changes, the page is fetched again.

import { connection } from "../models/connection.js";
import { standings } from "../models/my_standings.js";
import { LiveElement } from "../helpers/live_element.js";
import { fetchPage } from "../helpers/page_fragments.js";

export class RoomSettings extends LiveElement {
  enter() {
    this.listen(connection, "hello", ({ rooms }) =>
      rooms.forEach(({ room }) => this.#follow(room)),
    );
    this.listen(standings, "standing", ({ room }) => this.#follow(room));
    this.listen(connection, "room:updated", ({ room }) => this.#follow(room));
  }

  #follow({ id, role }) {
    if (id === this.dataset.roomId && role !== this.dataset.role) this.#fetch();
  }

  async #fetch() {
    const address = `/rooms/${this.dataset.roomId}/members${location.search}`;
    const page = await fetchPage(address).catch(() => null);
    const fresh = page?.main.querySelector("room-settings");
    if (!fresh) return; // the next hello contains the role again, or somebody has signed out
    const { id: focused } = document.activeElement;
    const begun = [...this.querySelectorAll("input[id]")].filter(
      ({ value, defaultValue }) => value !== defaultValue,
    );
    this.dataset.role = fresh.dataset.role;
    this.replaceChildren(...fresh.childNodes);
    for (const { id, value } of begun) Object.assign(document.getElementById(id) ?? {}, { value });
    if (focused) document.getElementById(focused)?.focus();
  }
}
