// The way to one's invitations in the sidebar, with how many wait. Without any there is nothing to see.

import { connection } from "../models/connection.js";
import { getJson } from "../helpers/api.js";

export class InvitationLink extends HTMLElement {
  #isGreeted = false;

  connectedCallback() {
    connection.addEventListener("room:invited", () => this.#count());
    connection.addEventListener("room:added", () => this.#isShown && this.#count()); // one may be accepted
    connection.addEventListener("hello", () => this.#greet());
  }

  // The page knew when it was made; what was missed while the line was down is asked for.
  #greet() {
    if (this.#isGreeted) this.#count();
    this.#isGreeted = true;
  }

  async #count() {
    try {
      const { invitations } = await getJson("/me/room-invitations");
      this.querySelector(".badge-count").textContent = invitations.length;
      this.#line.hidden = invitations.length === 0;
    } catch (error) {
      console.warn(error.message); // the next page says it
    }
  }

  get #isShown() {
    return !this.#line.hidden;
  }

  get #line() {
    return this.querySelector(".sidebar-invitations");
  }
}
