// The bar above the messages: how many are new, since when, and the way there. It is shown while some
// of them are out of sight.

import { t } from "../models/translation.js";

export class UnreadBar {
  #bar;
  #timeline;
  #reading;
  #scroll;
  #goToThePresent;
  #dismissed = null; // the first new message of which somebody has closed the bar

  // `element` is the timeline on the page, `timeline` what it knows; goToThePresent() shows the
  // newest messages.
  constructor(element, { timeline, reading, scroll, goToThePresent }) {
    this.#bar = element.querySelector(".unread-bar");
    this.#timeline = timeline;
    this.#reading = reading;
    this.#scroll = scroll;
    this.#jump.addEventListener("click", () => {
      scroll.goToBelow(reading.firstNew);
      reading.firstNew.focus({ preventScroll: true });
    });
    this.#goToThePresent = goToThePresent;
    this.#bar.querySelector(".unread-bar-read").addEventListener("click", () => this.markRead());
  }

  // Until the signal comes, Escape marks everything as read where nothing else wants it.
  follow(signal) {
    const press = ({ key, defaultPrevented }) => {
      const isBusy = defaultPrevented || document.querySelector("dialog[open], :popover-open");
      if (key === "Escape" && !this.#bar.hidden && !isBusy) this.markRead();
    };
    document.addEventListener("keydown", press, { signal });
  }

  // Marks everything as read, and shows the newest messages if they can be fetched.
  async markRead() {
    this.#dismissed = this.#reading.firstNew;
    this.#reading.markAllRead();
    this.show();
    await this.#goToThePresent().catch((error) => console.warn(error.message));
    const isLost = document.activeElement === document.body; // the button is gone
    if (isLost) document.querySelector(".composer-body")?.focus();
  }

  show() {
    const { firstNew } = this.#reading;
    const isAbove = firstNew !== null && this.#scroll.isAbove(firstNew);
    this.#bar.hidden = !firstNew || firstNew === this.#dismissed || !this.#isOutOfSight(isAbove);
    this.#jump.hidden = !isAbove;
    if (this.#bar.hidden) return;
    const { textContent: time } = firstNew.querySelector(".message-time time");
    this.#bar.querySelector(".unread-bar-text").textContent = t("{count} new since {time}", {
      count: this.#count,
      time,
    });
  }

  // Above: not seen yet, or there is more to read. Otherwise: the last one is not in sight.
  #isOutOfSight(isAbove) {
    const { unread, hasPassedLine } = this.#reading;
    if (isAbove) return !hasPassedLine || unread.length > 0;
    const last = unread.at(-1);
    return !this.#timeline.isPresent || (last !== undefined && this.#scroll.isBelow(last));
  }

  get #count() {
    return Math.max(this.#reading.newCount, this.#reading.unreadCount);
  }

  get #jump() {
    return this.#bar.querySelector(".unread-bar-jump");
  }
}
