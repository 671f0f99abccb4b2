// A list that is filtered while somebody types. Its form asks for the page with the rows that fit; they
// take the place of those that are shown, and the address of that page is noted, so that a reload and
// Back keep it. The field stays as it is.

import { LiveElement } from "../helpers/live_element.js";
import { replaceAddress } from "../helpers/navigation.js";
import { completePart, fetchPage } from "../helpers/page_fragments.js";
import { showPageNotice } from "../helpers/page_notice.js";
import { t } from "../models/translation.js";

const PAUSE = 150; // ms from the last key to the request
const ROWS = ".list-filter-rows";
const UNREACHABLE = t("This could not be loaded. Try again when the connection is back.");

export class ListFilter extends LiveElement {
  #shown = ""; // the address of the rows
  #latest = 0; // the number of the last request
  #timer;

  prepare() {
    this.#shown = this.#addressOf((field) => field.defaultValue);
    this.addEventListener(
      "input",
      ({ target }) => target.form === this.#form && this.#filterSoon(),
    );
    this.addEventListener("submit", (event) => this.#submit(event));
  }

  // What was typed may be older than the rows: the page was fetched again around the field.
  enter() {
    this.#filterSoon();
  }

  leave() {
    clearTimeout(this.#timer);
  }

  #filterSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#filter(), PAUSE);
  }

  #submit(event) {
    if (event.target !== this.#form) return;
    event.preventDefault();
    clearTimeout(this.#timer);
    this.#filter();
  }

  async #filter() {
    const address = this.#addressOf((field) => field.value);
    this.#latest += 1;
    const request = this.#latest;
    if (address === this.#shown) return;
    const page = await fetchPage(address).catch(() => null);
    if (request !== this.#latest || !this.isConnected) return;
    if (page) this.#show(page, address);
    else showPageNotice(UNREACHABLE);
  }

  // A page without rows says what went wrong.
  #show({ main }, address) {
    const rows = main.querySelector(`list-filter ${ROWS}`);
    if (!rows) return showPageNotice(main.querySelector("p")?.textContent ?? UNREACHABLE);
    completePart(rows);
    this.querySelector(ROWS).replaceWith(rows);
    this.querySelector(".list-filter-status").textContent = rows.dataset.count;
    this.#shown = address;
    const panel = this.closest("side-panel");
    if (panel) panel.replaceAddress(address);
    else replaceAddress(address);
  }

  // Of the page with the rows that fit; empty fields say nothing.
  #addressOf(valueOf) {
    const { pathname } = new URL(this.#form.action);
    const fields = [...this.#form.elements].filter((field) => field.name && valueOf(field));
    const query = new URLSearchParams(fields.map((field) => [field.name, valueOf(field)]));
    return query.size ? `${pathname}?${query}` : pathname;
  }

  get #form() {
    return this.querySelector(".search-form");
  }
}
