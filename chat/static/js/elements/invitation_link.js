// The link to one's invitations in the sidebar, with their number. Hidden while there are none.

import { connection } from "../models/connection.js";
import { getJson } from "../helpers/api.js";
import { LiveElement } from "../helpers/live_element.js";

export class InvitationLink extends LiveElement {
  enter() {
    this.listen(connection, "hello", ({ invitations }) => this.#show(invitations));
    this.listen(connection, "room:invited", () => this.#count());
    this.listen(connection, "room:added", () => this.#line.hidden || this.#count()); // accepted?
  }

  async #count() {
    try {
      const { invitations } = await getJson("/me/room-invitations");
      this.#show(invitations.length);
    } catch (error) {
      console.warn(error.message); // the next hello contains it
    }
  }

  #show(count) {
    this.querySelector(".badge-count").textContent = count;
    this.#line.hidden = count === 0;
  }

  get #line() {
    return this.querySelector(".sidebar-invitations");
  }
}
