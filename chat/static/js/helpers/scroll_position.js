// Preserves the reading position in a list that changes: at its end exactly the end, elsewhere the same
// text at the same height. One observer reports every change of a size: the window, the elements
// below the list, a message, a picture.

import { unfold } from "./message_fold.js";

const NEAR_THE_END = 40; // px from the end within which the position follows new messages
const CUT = 8; // px that may be cut off a first line that one still reads
const BY_HAND = 200; // ms for which one turn of a wheel scrolls
const REACHED = "message-reached";
const FLASH = 1200; // ms
const HANDS = ["wheel", "touchmove", "pointerdown", "keydown"];

// Events: "move", whenever the position may have changed.
export class ScrollPosition extends EventTarget {
  #scroll;
  #list;
  #hasEnd;
  #isAtTheEnd = false;
  #top = 0; // how far the list was scrolled when the position was noted
  #height = 0; // its height then
  #room = 0; // its visible height then
  #anchor = null; // the first text that began in the visible part
  #offset = 0; // px from the upper edge to the anchor
  #reached = null; // the element that somebody jumped to last
  #handledAt = -Infinity;

  // `scroll` is the element that scrolls, `list` the element in it with the messages; hasEnd() says
  // whether the newest ones are there.
  constructor(scroll, list, hasEnd) {
    super();
    this.#scroll = scroll;
    this.#list = list;
    this.#hasEnd = hasEnd;
    scroll.addEventListener("scroll", () => this.#settle());
    const note = (event) => isScrolling(event) && (this.#handledAt = performance.now());
    for (const event of HANDS) scroll.addEventListener(event, note, { passive: true });
    list.addEventListener("change", ({ target }) => this.#followFold(target));
    const observer = new ResizeObserver(() => this.#settle());
    for (const element of [scroll, ...scroll.children]) observer.observe(element);
  }

  get isAtTheEnd() {
    return this.#isAtTheEnd;
  }

  get distanceToTheBeginning() {
    return this.#scroll.scrollTop;
  }

  get distanceToTheEnd() {
    return this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight;
  }

  goToTheEnd() {
    this.#reached?.classList.remove(REACHED);
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#note();
  }

  // Returns what leads to where one reads now.
  wayBack() {
    const [isAtTheEnd, anchor, offset] = [this.#isAtTheEnd, this.#anchor, this.#offset];
    return () => {
      if (isAtTheEnd) this.goToTheEnd();
      else if (anchor?.isConnected) this.#scroll.scrollTop += this.#placeOf(anchor) - offset;
      this.#note();
    };
  }

  goTo(element) {
    unfold(element);
    const isLong = element.offsetHeight > this.#scroll.clientHeight;
    element.scrollIntoView({ block: isLong ? "start" : "center" }); // its author is at its beginning
    this.#pointOut(element);
    this.#note();
  }

  // The browser marks a :target only for addresses that it opens itself, and flashes for none.
  #pointOut(element) {
    this.#reached?.classList.remove(REACHED);
    this.#reached = element;
    element.classList.add(REACHED);
    element.animate([{ background: "var(--mark)" }, {}], FLASH);
  }

  // So that what comes before `element` is a quarter of what is seen.
  goToBelow(element) {
    this.#scroll.scrollTop += this.#placeOf(element) - this.#scroll.clientHeight / 4;
    this.#note();
  }

  isAbove(element) {
    return this.#placeOf(element) < 0;
  }

  isBelow(element) {
    return this.#placeOf(element) > this.#scroll.clientHeight;
  }

  // Whether the end is so far below an element that who goes there from here passes it unseen.
  isPassed(element) {
    const place = this.#placeOf(element);
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    return place > clientHeight / 4 + CUT && scrollHeight - scrollTop - place > clientHeight;
  }

  // Whether what follows would fill a quarter of the screen.
  get isFarFromTheEnd() {
    return this.distanceToTheEnd > this.#scroll.clientHeight / 4;
  }

  // The last message of which the end is in sight.
  get lastInSight() {
    const { height, top } = this.#scroll.getBoundingClientRect();
    const endOf = (item) => item.getBoundingClientRect().bottom - top;
    const last = this.#search((item) => endOf(item) <= height + CUT) - 1;
    const items = [...this.#list.children].slice(0, last + 1);
    return items.findLast((item) => item.matches(".message")) ?? null;
  }

  // Messages came at one end and went at the other, so perhaps the height is what it was; or the
  // list was off the page and has forgotten how far it was scrolled.
  //
  // When the list changed, the browser may have scrolled, too, because the list was too short for a
  // moment. Only what the person scrolled meanwhile is added; scrolling up leaves the end.
  restore() {
    const isByHand = performance.now() - this.#handledAt < BY_HAND;
    const step = isByHand ? this.#scroll.scrollTop - this.#top : 0;
    this.#followAnchor();
    this.#scroll.scrollTop += step;
    this.#note(step < 0 ? 1 : NEAR_THE_END);
  }

  // What is unfolded grows below its first lines, which stay; what is folded shrinks above its switch,
  // which stays where it was.
  #followFold(target) {
    if (target.matches(".message-fold-switch:checked")) this.#note();
  }

  // A list that is off the page has no height; it keeps what was noted before.
  #settle() {
    if (!this.#scroll.isConnected) return;
    if (this.#hasChanged) this.restore();
    else this.#note();
  }

  get #hasChanged() {
    return this.#scroll.scrollHeight !== this.#height || this.#scroll.clientHeight !== this.#room;
  }

  #followAnchor() {
    if (this.#isAtTheEnd) this.#scroll.scrollTop = this.#scroll.scrollHeight;
    else this.#scroll.scrollTop += this.#shift;
  }

  #note(near = NEAR_THE_END) {
    this.#top = this.#scroll.scrollTop;
    this.#height = this.#scroll.scrollHeight;
    this.#room = this.#scroll.clientHeight;
    this.#isAtTheEnd = this.#hasEnd() && this.distanceToTheEnd < near;
    this.#anchor = this.#isAtTheEnd ? null : this.#firstInSight();
    this.#offset = this.#anchor ? this.#placeOf(this.#anchor) : 0;
    this.dispatchEvent(new Event("move"));
  }

  // How far the anchor has moved since.
  get #shift() {
    return this.#anchor?.isConnected ? this.#placeOf(this.#anchor) - this.#offset : 0;
  }

  #placeOf(element) {
    return element.getBoundingClientRect().top - this.#scroll.getBoundingClientRect().top;
  }

  // A binary search, because a list may have thousands of items. It looks at the text: lines above it
  // come and go.
  #firstInSight() {
    const items = this.#list.children;
    const first = this.#search((item) => this.#placeOf(textOf(item)) < -CUT);
    const item = items[first] ?? items[first - 1];
    return item ? textOf(item) : null;
  }

  // Returns the number of items at the beginning for which isEarly(item) holds.
  #search(isEarly) {
    const items = this.#list.children;
    let first = 0;
    let end = items.length;
    while (first < end) {
      const middle = (first + end) >> 1;
      if (isEarly(items[middle])) first = middle + 1;
      else end = middle;
    }
    return first;
  }
}

function textOf(item) {
  return item.querySelector(".message-body, .room-line-body");
}

// Who types or presses a button does not scroll: what moves then was moved by the browser.
function isScrolling({ type, target }) {
  return type === "wheel" || type === "touchmove" || !target.closest("textarea, input, button");
}
