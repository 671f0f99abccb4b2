// The list of invitations, fetched again from the server when another one arrives.

import { connection } from "../models/connection.js";
import { localizeTimes } from "../helpers/time.js";

export class RoomInvitations extends HTMLElement {
  connectedCallback() {
    connection.addEventListener("room:invited", () => this.#fetch());
    connection.addEventListener("hello", ({ detail }) => this.#compare(detail.invitations));
  }

  // One may have arrived between the page and its connection.
  #compare(count) {
    if (count !== this.querySelectorAll("[data-invitation-id]").length) this.#fetch();
  }

  async #fetch() {
    const response = await fetch("/invitations").catch(() => null);
    if (!response?.ok) return; // the next page shows it
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("room-invitations");
    if (!fresh) return; // signed out meanwhile
    this.replaceChildren(...fresh.childNodes);
    localizeTimes(this);
  }
}
