// The link to one's invitations in the sidebar, with their number. Hidden while there are none.

import { connection } from "../models/connection.js";
import { getJson } from "../helpers/api.js";

export class InvitationLink extends HTMLElement {
  connectedCallback() {
    connection.addEventListener("hello", ({ detail }) => this.#show(detail.invitations));
    connection.addEventListener("room:invited", () => this.#count());
    connection.addEventListener("room:added", () => this.#line.hidden || this.#count()); // accepted?
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
