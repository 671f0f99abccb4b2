// "↓ 3" in the title of a part of the list of rooms, while that many unread rooms are below its lower
// edge, and "↑ 3" for those above its upper edge (`data-edge`). A click scrolls to the nearest of them, to
// the nearest one that calls its reader first.

import { LiveElement } from "../helpers/live_element.js";

export class UnreadBeyond extends LiveElement {
  #group;
  #isDue = false;

  prepare() {
    this.#group = this.closest(".room-list-group");
    this.#button.addEventListener("click", () => this.#go());
  }

  enter() {
    const { staySignal: signal } = this;
    const show = () => this.#showSoon();
    const rows = new MutationObserver(show);
    const size = new ResizeObserver(show);
    const options = { passive: true, capture: true, signal };
    this.#whole.addEventListener("scroll", show, options); // on a low screen the lists scroll as one
    for (const list of this.#whole.querySelectorAll(".room-list-items"))
      rows.observe(list, { childList: true, subtree: true, attributeFilter: ["class", "hidden"] });
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
    const rows = this.#beyond;
    this.querySelector(".unread-beyond-count").textContent = rows.length;
    this.#button.classList.toggle("unread-beyond-calling", rows.some(isCalling));
    this.hidden = rows.length === 0;
  }

  // The button goes: the focus goes on where it led.
  #go() {
    const rows = this.#beyond;
    const calling = rows.filter(isCalling);
    const nearest = (calling.length ? calling : rows).at(this.#isAbove ? -1 : 0);
    nearest?.scrollIntoView({ block: this.#isAbove ? "end" : "start" });
    nearest?.querySelector("a").focus({ preventScroll: true });
  }

  // The unread rooms whose middle is beyond the edge.
  get #beyond() {
    const edge = this.#edge;
    return this.#groups.flatMap((group) =>
      [...group.querySelectorAll(".room-item-unread")].filter((row) => {
        const { top, height } = row.getBoundingClientRect();
        const middle = top + height / 2;
        return this.#isAbove ? middle < edge : middle > edge;
      }),
    );
  }

  // Where the lists scroll as one, a part that is wholly out of sight has no title in sight: the title
  // of the part that goes beyond the edge speaks for it.
  get #groups() {
    const all = [...this.#whole.querySelectorAll(".room-list-group")];
    const index = all.indexOf(this.#group);
    const [group, whole] = [this.#group, this.#whole].map((each) => each.getBoundingClientRect());
    if (group.top >= whole.bottom || group.bottom <= whole.top) return [];
    if (this.#isAbove) return group.top <= whole.top ? all.slice(0, index + 1) : [this.#group];
    return group.bottom >= whole.bottom ? all.slice(index) : [this.#group];
  }

  // The title stays at the upper edge.
  get #edge() {
    const [group, whole] = [this.#group, this.#whole].map((each) => each.getBoundingClientRect());
    if (!this.#isAbove) return Math.min(group.bottom, whole.bottom);
    const title = this.#group.querySelector(".room-list-title").getBoundingClientRect();
    return Math.max(title.bottom, whole.top);
  }

  get #isAbove() {
    return this.dataset.edge === "above";
  }

  get #whole() {
    return this.closest("room-list");
  }

  get #button() {
    return this.querySelector("button");
  }
}

// Whether somebody is mentioned there, or written to.
function isCalling(row) {
  return !row.querySelector(".badge").hidden;
}
