// Fetches earlier and later messages as the reader comes near them, lets go of those far away, and
// leads to the newest ones.

import { HistoryPages } from "./history_pages.js";
import { hasKeyboard } from "./keyboards.js";
import { replaceAddress } from "./navigation.js";
import { N_, t } from "../models/translation.js";

const NEAR_THE_EDGE = 600; // px from the oldest or newest message at which the next page is fetched
const TO_LATEST = N_("Jump to latest");
const TO_NEW = N_("Jump to the first new message");
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
    onLink(".timeline-newest", () => this.#jump());
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
    const goal = t(this.#isNewFirst ? TO_NEW : TO_LATEST);
    if (this.#link.title === goal) return;
    this.#link.title = this.#link.querySelector(".timeline-newest-goal").textContent = goal;
  }

  // From a page of the past to the newest messages. Sending a message does so, too.
  async goToThePresent() {
    const { timeline, scroll, reading } = this.#parts;
    reading.isKeptUnread = false;
    let isElsewhere = false;
    try {
      isElsewhere = !timeline.isPresent && !(await this.#showPresent());
    } finally {
      if (!isElsewhere) scroll.goToTheEnd(); // unsent messages are there, should the present not come
    }
  }

  // To the line "New", from wherever. Where it cannot be fetched, everything stays.
  async goToFirstNew() {
    const { reading, scroll, tabindex } = this.#parts;
    if (!reading.firstNew && !(await this.#fetchFirstNew())) return;
    const { firstNew } = reading;
    if (!firstNew) return;
    scroll.goToBelow(firstNew);
    tabindex.focus(firstNew);
  }

  // Resolves to whether what follows the line is shown now.
  async #fetchFirstNew() {
    const { reading, tabindex } = this.#parts;
    try {
      if (!(await this.#pages.fetchAfter(Math.max(0, reading.newAfter - READ_ABOVE)))) return false;
      reading.placeNewLine();
      tabindex.rest();
      return true;
    } catch (error) {
      console.warn(error.message); // what leads there stays, for another try
      return false;
    }
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
    if (!(await this.#pages.fetchPresent())) return false;
    unsent.removeSent();
    reading.placeNewLine();
    tabindex.rest();
    replaceAddress(`/rooms/${this.#element.dataset.roomId}`);
    return true;
  }

  // The link is gone. On glass the keyboard would cover the messages.
  #focusAfterLink() {
    const composer = hasKeyboard() && document.querySelector(".composer-body");
    const place = composer || this.#element.querySelector(".timeline-scroll");
    place.focus({ preventScroll: true });
  }

  // The way to the newest leads by the line "New".
  #jump() {
    return this.#isNewFirst ? this.goToFirstNew() : this.#jumpToLatest();
  }

  get #isNewFirst() {
    const { reading, scroll } = this.#parts;
    const { firstNew, unreadCount } = reading;
    if (!unreadCount) return false;
    return firstNew ? scroll.isPassed(firstNew) : reading.placeOfNew === "below";
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
