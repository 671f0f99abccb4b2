// The exports that somebody asked for: while one is being made, the rows are fetched again and again.

import { LiveElement } from "../helpers/live_element.js";
import { completePart, fetchPage } from "../helpers/page_fragments.js";
import { t } from "../models/translation.js";

const PAUSE = 2000; // ms
const UNDER_WAY = '[data-state="waiting"], [data-state="working"]';

export class ExportList extends LiveElement {
  #timer;

  enter() {
    this.#followSoon();
  }

  leave() {
    clearTimeout(this.#timer);
  }

  #followSoon() {
    clearTimeout(this.#timer);
    if (this.querySelector(UNDER_WAY)) this.#timer = setTimeout(() => this.#follow(), PAUSE);
  }

  // A question that is open stays: its row is fetched once it is answered.
  async #follow() {
    const page = await fetchPage(location.pathname).catch(() => null);
    if (!this.isConnected) return;
    const rows = page?.main.querySelector("export-list .rows");
    if (rows && !this.querySelector("dialog[open]")) this.#show(rows);
    this.#followSoon();
  }

  #show(rows) {
    completePart(rows);
    const before = this.querySelectorAll('[data-state="ready"]').length;
    const focused = [...this.querySelectorAll("a, button")].indexOf(document.activeElement);
    this.querySelector(".rows").replaceWith(rows);
    this.querySelectorAll("a, button")[focused]?.focus();
    if (this.querySelectorAll('[data-state="ready"]').length > before)
      this.querySelector("[role=status]").textContent = t("An export is ready.");
  }
}
