// Where somebody reads in a list that changes around them: at its end they stay at the end,
// elsewhere what they see stays where it is. One observer sees whatever changes a size: the window,
// what stands below the list, a message, a picture.

const NEAR_THE_END = 40; // px; whoever is this close to the end follows along
const CUT = 8; // px that a first line may be cut off and is read still
const BY_HAND = 200; // ms that one turn of a wheel scrolls
const HANDS = ["wheel", "touchmove", "pointerdown", "keydown"];

// Events: "move", whenever the position may be another one.
export class ScrollPosition extends EventTarget {
  #scroll;
  #list;
  #hasEnd;
  #isAtTheEnd = false;
  #top = 0; // how far the list was scrolled when the position was noted
  #height = 0; // how high it was then
  #room = 0; // how much of it was in sight
  #anchor = null; // the first text that began in sight
  #offset = 0; // px from the upper edge to that
  #handledAt = -Infinity;

  // `scroll` is what scrolls, `list` the element in it that holds the messages, `hasEnd` tells
  // whether the newest are there.
  constructor(scroll, list, hasEnd) {
    super();
    this.#scroll = scroll;
    this.#list = list;
    this.#hasEnd = hasEnd;
    scroll.addEventListener("scroll", () => this.#settle());
    const note = () => (this.#handledAt = performance.now());
    for (const event of HANDS) scroll.addEventListener(event, note, { passive: true });
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
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#note();
  }

  goTo(element) {
    element.scrollIntoView({ block: "center" });
    this.#note();
  }

  // Where the list itself changed, the browser may have scrolled, too, because it was too short for
  // a moment. Only what somebody scrolled with their hands meanwhile comes on top; whoever scrolled
  // up so leaves the end.
  #settle() {
    if (!this.#hasChanged) return this.#note();
    const isByHand = performance.now() - this.#handledAt < BY_HAND;
    const step = isByHand ? this.#scroll.scrollTop - this.#top : 0;
    this.#restore();
    this.#scroll.scrollTop += step;
    this.#note(step < 0 ? 1 : NEAR_THE_END);
  }

  get #hasChanged() {
    return this.#scroll.scrollHeight !== this.#height || this.#scroll.clientHeight !== this.#room;
  }

  #restore() {
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

  // How far what was seen has moved since.
  get #shift() {
    return this.#anchor?.isConnected ? this.#placeOf(this.#anchor) - this.#offset : 0;
  }

  #placeOf(element) {
    return element.getBoundingClientRect().top - this.#scroll.getBoundingClientRect().top;
  }

  // Found by halves, because a list may hold thousands. What is read is the text: lines above it
  // come and go.
  #firstInSight() {
    const items = this.#list.children;
    let first = 0;
    let end = items.length;
    while (first < end) {
      const middle = (first + end) >> 1;
      if (this.#placeOf(textOf(items[middle])) < -CUT) first = middle + 1;
      else end = middle;
    }
    const item = items[first] ?? items[first - 1];
    return item ? textOf(item) : null;
  }
}

function textOf(item) {
  return item.querySelector(".message-body");
}
