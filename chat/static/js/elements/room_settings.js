// A room's people and settings. They depend on one's role: when it changes, the page is fetched again.

import { connection } from "../models/connection.js";
import { standings } from "../models/my_standings.js";

export class RoomSettings extends HTMLElement {
  connectedCallback() {
    connection.addEventListener("hello", ({ detail }) =>
      detail.rooms.forEach(({ room }) => this.#follow(room)),
    );
    standings.addEventListener("standing", ({ detail }) => this.#follow(detail.room));
    connection.addEventListener("room:updated", ({ detail }) => this.#follow(detail.room));
  }

  #follow({ id, role }) {
    if (id === this.dataset.roomId && role !== this.dataset.role) this.#fetch();
  }

  async #fetch() {
    const response = await fetch(`/rooms/${this.dataset.roomId}/members${location.search}`).catch(
      () => null,
    );
    if (!response?.ok) return; // the next hello contains the role again
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("room-settings");
    if (!fresh) return; // signed out meanwhile
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
