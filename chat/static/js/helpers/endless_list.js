// Fetches earlier and later messages as the reader comes near them, lets go of those far away, and
// leads to the newest ones.

import { HistoryPages } from "./history_pages.js";
import { hasKeyboard } from "./keyboards.js";
import { replaceAddress } from "./navigation.js";

const NEAR_THE_EDGE = 600; // px from the oldest or newest message at which the next page is fetched
const MOST = 300; // messages in the page, so that typing stays quick however far somebody scrolls
const READ_ABOVE = 10; // entries of the log before the ones that somebody goes to, as on the server's pages
const FEWER = 250; // that stay when there are more, so that not every new one lets go of another

export class EndlessList {
  #element;
  #parts;
  #pages;
  #link;

  // `element` is the timeline on the page; `parts` are its {timeline, list, scroll, reading, unsent,
  // tabindex}.
  constructor(element, parts) {
    this.#element = element;
    this.#parts = parts;
    this.#pages = new HistoryPages(element, parts.timeline, parts.list);
    this.#link = element.querySelector(".timeline-newest");
    const onLink = (selector, action) =>
      element.querySelector(selector).addEventListener("click", (event) => {
        event.preventDefault();
        action();
      });
    onLink(".timeline-earlier", () => this.#showEarlier());
    onLink(".timeline-later", () => this.#showLater());
    onLink(".timeline-newest", () => this.#jumpToLatest());
  }

  // The reader has scrolled, or the list has changed.
  follow() {
    const { scroll } = this.#parts;
    if (scroll.distanceToTheBeginning < NEAR_THE_EDGE) this.#showEarlier();
    if (scroll.distanceToTheEnd < NEAR_THE_EDGE) this.#showLater();
    this.showLink();
  }

  // With the number of unread messages, when the newest ones are far, or not fetched.
  showLink() {
    const { timeline, scroll, reading } = this.#parts;
    const { unreadCount } = reading;
    const isNear = scroll.isAtTheEnd || !(unreadCount || scroll.isFarFromTheEnd);
    this.#link.hidden = timeline.isPresent && isNear;
    const count = this.#link.querySelector(".timeline-newest-count");
    count.textContent = unreadCount;
    count.hidden = !unreadCount;
  }

  // From a page of the past to the newest messages. Sending a message does so, too.
  async goToThePresent() {
    const { timeline, scroll, reading } = this.#parts;
    reading.isKeptUnread = false;
    try {
      if (!timeline.isPresent) await this.#showPresent();
    } finally {
      scroll.goToTheEnd(); // unsent messages are there, should the present not come
    }
  }

  // To the messages after an entry of the log, from much later ones. Rejects if they do not come.
  async goToAfter(seq) {
    const { reading, tabindex } = this.#parts;
    await this.#pages.fetchAfter(Math.max(0, seq - READ_ABOVE));
    reading.placeNewLine();
    tabindex.rest();
  }

  // At the end of the list what is far above goes.
  forgetFarAbove() {
    if (this.#parts.scroll.isAtTheEnd) this.#pages.forgetEarliest(MOST, FEWER);
  }

  async #showEarlier() {
    const isMore = await this.#pages.fetchEarlier();
    if (isMore) this.#settle(() => this.#pages.forgetLatest(MOST, FEWER));
  }

  async #showLater() {
    const isMore = await this.#pages.fetchLater();
    if (isMore) this.#settle(() => this.#pages.forgetEarliest(MOST, FEWER));
  }

  #settle(forget) {
    const { scroll, reading } = this.#parts;
    forget();
    scroll.restore();
    reading.placeNewLine();
    reading.markRead();
    this.showLink();
  }

  async #showPresent() {
    const { unsent, reading, tabindex } = this.#parts;
    await this.#pages.fetchPresent();
    unsent.removeSent();
    reading.placeNewLine();
    tabindex.rest();
    replaceAddress(`/rooms/${this.#element.dataset.roomId}`);
  }

  // The link is gone. On glass the keyboard would cover the messages.
  #focusAfterLink() {
    const composer = hasKeyboard() && document.querySelector(".composer-body");
    const place = composer || this.#element.querySelector(".timeline-scroll");
    place.focus({ preventScroll: true });
  }

  async #jumpToLatest() {
    try {
      await this.goToThePresent();
      this.#focusAfterLink();
    } catch {
      location.assign(this.#link.href); // the browser says why not
    }
  }
}
