// Says plainly when the chat cannot be reached. Not at once: most breaks mend themselves within a moment.

import { connection } from "../models/connection.js";

const PATIENCE = 1_500; // ms

export class ConnectionNotice extends HTMLElement {
  #timer;

  connectedCallback() {
    connection.addEventListener("state", () => this.#show());
    for (const event of ["offline", "online"]) addEventListener(event, () => this.#show());
  }

  #show() {
    clearTimeout(this.#timer);
    if (connection.isOpen && navigator.onLine) this.hidden = true;
    else this.#timer = setTimeout(() => this.#appear(), PATIENCE);
  }

  #appear() {
    this.textContent = "Not connected. What you write is sent when the chat is back.";
    this.hidden = false;
  }
}
