// Shows whether a person is online: a dot, and a word for screen readers.

import { presences } from "../models/presences.js";

export class PresenceDot extends HTMLElement {
  #show = ({ detail }) => detail === this.dataset.userId && this.#update();

  connectedCallback() {
    if (!this.dataset.userId) return;
    presences.addEventListener("change", this.#show);
    presences.want(this.dataset.userId);
    this.#update();
  }

  disconnectedCallback() {
    presences.removeEventListener("change", this.#show);
  }

  #update() {
    const status = presences.statusOf(this.dataset.userId);
    this.hidden = !status;
    this.dataset.status = status ?? "";
    this.title = status ?? "";
    this.querySelector(".presence-text").textContent = status ? `(${status})` : "";
  }
}
