// The list of invitations, fetched again from the server when another one arrives or one is withdrawn.

import { connection } from "../models/connection.js";
import { LiveElement } from "../helpers/live_element.js";
import { fetchPage } from "../helpers/page_fragments.js";
import { localizeTimes } from "../helpers/time.js";

export class RoomInvitations extends LiveElement {
  enter() {
    this.listen(connection, "room:invited", () => this.#fetch());
    this.listen(connection, "room:uninvited", () => this.#fetch());
    this.listen(connection, "hello", ({ invitations }) => this.#compare(invitations));
  }

  // One may have arrived between the page and its connection.
  #compare(count) {
    if (count !== this.querySelectorAll("[data-invitation-id]").length) this.#fetch();
  }

  async #fetch() {
    const page = await fetchPage(location.pathname).catch(() => null);
    const fresh = page?.main.querySelector("room-invitations");
    if (!fresh) return; // the next page shows it, or somebody has signed out
    this.replaceChildren(...fresh.childNodes);
    localizeTimes(this);
  }
}
