// "↓ 3 unread" at the lower edge of a part of the list of rooms, while unread rooms are below it. A click
// scrolls to the first of them.

import { LiveElement } from "../helpers/live_element.js";

export class UnreadBelow extends LiveElement {
  #group;
  #isDue = false;

  prepare() {
    this.#group = this.parentElement;
    this.#button.addEventListener("click", () => this.#go());
  }

  enter() {
    const { staySignal: signal } = this;
    const show = () => this.#showSoon();
    const rows = new MutationObserver(show);
    const size = new ResizeObserver(show);
    const options = { passive: true, capture: true, signal };
    this.#whole.addEventListener("scroll", show, options); // on a low screen the lists scroll as one
    rows.observe(this.#list, { childList: true, subtree: true, attributeFilter: ["class"] });
    size.observe(this.#group);
    size.observe(this.#whole);
    signal.addEventListener("abort", () => {
      rows.disconnect();
      size.disconnect();
    });
  }

  // Once before the next paint, however much happens.
  #showSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#show();
    });
  }

  #show() {
    const { length } = this.#below;
    this.querySelector(".unread-below-count").textContent = length;
    this.hidden = length === 0;
  }

  // The button goes: the focus goes on where it led.
  #go() {
    const [first] = this.#below;
    first?.scrollIntoView({ block: "start" });
    first?.querySelector("a").focus({ preventScroll: true });
  }

  // The unread rooms whose middle is below the edge.
  get #below() {
    const bottoms = [this.#group, this.#whole].map((each) => each.getBoundingClientRect().bottom);
    const edge = Math.min(...bottoms);
    return [...this.#list.querySelectorAll(".room-item-unread")].filter((row) => {
      const { top, height } = row.getBoundingClientRect();
      return top + height / 2 > edge;
    });
  }

  get #whole() {
    return this.closest("room-list");
  }

  get #list() {
    return this.#group.querySelector(".room-list-items");
  }

  get #button() {
    return this.querySelector("button");
  }
}
