// Names the day of the messages at the upper edge of the list, once the line that names it has
// scrolled away, while one scrolls: what is read lies below it.

import { LiveElement } from "../helpers/live_element.js";
import { showTime } from "../helpers/time.js";

const STAYS = 1500; // ms after the last scroll

export class StickyDay extends LiveElement {
  #leaving;
  #scroll;
  #list;
  #isWaiting = false;

  prepare() {
    const timeline = this.closest("message-timeline");
    this.#scroll = timeline.querySelector(".timeline-scroll");
    this.#list = timeline.querySelector(".messages");
  }

  enter() {
    const options = { passive: true, signal: this.staySignal };
    this.#scroll.addEventListener("scroll", () => this.#follow(), options);
    const observer = new ResizeObserver(() => this.#showSoon());
    observer.observe(this.#list);
    this.staySignal.addEventListener("abort", () => observer.disconnect());
  }

  #follow() {
    clearTimeout(this.#leaving);
    this.classList.add("sticky-day-moving");
    this.#leaving = setTimeout(() => this.classList.remove("sticky-day-moving"), STAYS);
    this.#showSoon();
  }

  // Once a frame, however often the list scrolls.
  #showSoon() {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    requestAnimationFrame(() => {
      this.#isWaiting = false;
      this.#show();
    });
  }

  #show() {
    const edge = this.#scroll.getBoundingClientRect();
    const first = this.#firstBelow(edge.top);
    const day = this.firstElementChild;
    if (first && day.dateTime !== first.dataset.createdAt) showTime(day, first.dataset.createdAt);
    this.hidden = false;
    const { top, bottom } = this.getBoundingClientRect();
    const isInTheWay = (line) => line.bottom > top && line.top < bottom;
    this.hidden =
      !first ||
      lineOf(first).bottom > edge.top ||
      lineOf(first.nextElementSibling).top < bottom ||
      isInTheWay(placeOf(this.#list.querySelector(".message-new:not([hidden])")));
  }

  // The first message of which anything is below a height: a binary search, as the list may be long.
  #firstBelow(height) {
    const messages = this.#list.children;
    let first = 0;
    let end = messages.length;
    while (first < end) {
      const middle = (first + end) >> 1;
      if (messages[middle].getBoundingClientRect().bottom <= height) first = middle + 1;
      else end = middle;
    }
    return messages[first];
  }
}

// Where the line of a day above a message is; nowhere, if it has none.
function lineOf(message) {
  return placeOf(message?.querySelector(".message-day:not([hidden])"));
}

function placeOf(line) {
  return line?.getBoundingClientRect() ?? { top: Infinity, bottom: -Infinity };
}
