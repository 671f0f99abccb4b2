// The link to one's invitations in the sidebar, with their number. Hidden while there are none.

import { connection } from "../models/connection.js";
import { getJson } from "../helpers/api.js";
import { LiveElement } from "../helpers/live_element.js";

export class InvitationLink extends LiveElement {
  enter() {
    this.listen(connection, "hello", ({ invitations }) => this.#show(invitations));
    this.listen(connection, "room:invited", () => this.#count());
    this.listen(connection, "room:uninvited", () => this.#count());
    this.listen(connection, "room:added", () => this.#line.hidden || this.#count()); // accepted?
    this.listen(document, "page", (main) => this.#compare(main));
  }

  async #count() {
    try {
      const { invitations } = await getJson("/me/room-invitations");
      this.#show(invitations.length);
    } catch (error) {
      console.warn(error.message); // the next hello contains it
    }
  }

  // Their page is shown again after one was declined.
  #compare(main) {
    const list = main.querySelector("room-invitations");
    if (list) this.#show(list.querySelectorAll("[data-invitation-id]").length);
  }

  #show(count) {
    this.querySelector(".badge-count").textContent = count;
    this.#line.hidden = count === 0;
  }

  get #line() {
    return this.querySelector(".sidebar-invitations");
  }
}
