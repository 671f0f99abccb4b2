// The bar above the messages: how many are new, since when, and the way there. It is shown while some
// of them are out of sight.

import { t } from "../models/translation.js";

export class UnreadBar {
  #bar;
  #timeline;
  #reading;
  #scroll;
  #endless;
  #dismissed = null; // the seq after which messages are new, of which somebody has closed the bar
  #since = { after: null, time: "" }; // when the first of them was written

  // `element` is the timeline on the page, `timeline` what it knows, `endless` fetches its messages.
  constructor(element, { timeline, reading, scroll }, endless) {
    this.#bar = element.querySelector(".unread-bar");
    this.#timeline = timeline;
    this.#reading = reading;
    this.#scroll = scroll;
    this.#endless = endless;
    this.#jump.addEventListener("click", () => this.#endless.goToFirstNew());
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
    this.#dismissed = this.#reading.newAfter;
    this.#reading.markAllRead();
    this.show();
    await this.#endless.goToThePresent().catch((error) => console.warn(error.message));
    const isLost = document.activeElement === document.body; // the button is gone
    if (isLost) document.querySelector(".composer-body")?.focus();
  }

  show() {
    const { firstNew, newAfter, placeOfNew: place } = this.#reading;
    const isNothingNew = !place || newAfter === this.#dismissed || !this.#reading.countNew();
    this.#bar.hidden = isNothingNew || !this.#isOutOfSight(place === "above");
    this.#jump.hidden = place === "in sight";
    if (firstNew) this.#noteTime(newAfter, firstNew);
    if (!this.#bar.hidden) this.#bar.querySelector(".unread-bar-text").textContent = this.#text;
  }

  // The message may be let go of later.
  #noteTime(after, message) {
    this.#since = { after, time: message.querySelector(".message-time time").textContent };
  }

  get #text() {
    const { after, time } = this.#since;
    const count = this.#reading.countNew();
    if (after === this.#reading.newAfter) return t("{count} new since {time}", { count, time });
    return t("{count} new", { count });
  }

  // Above: not seen yet, or there is more to read. Otherwise: the last one is not in sight.
  #isOutOfSight(isAbove) {
    const { unread, hasPassedLine } = this.#reading;
    if (isAbove) return !hasPassedLine || unread.length > 0;
    const last = unread.at(-1);
    return !this.#timeline.isPresent || (last !== undefined && this.#scroll.isBelow(last));
  }

  get #jump() {
    return this.#bar.querySelector(".unread-bar-jump");
  }
}
