// Whether somebody looks at this page: it is visible and has the focus, and there was recent input.
// A window beside another one is visible without being looked at; so is one on an empty desk.

const IDLE_AFTER = 5 * 60_000; // ms without input
const GLANCE = 5_000; // ms for which scrolling a window without focus counts as looking

// Events: "look", when somebody begins to look.
export class Attention extends EventTarget {
  #isInSight;
  #hasFocus;
  #now;
  #inputAt;
  #glanceAt = -Infinity;
  #wasLooking = false;

  // isInSight() and hasFocus() ask the browser, now() returns ms. Whoever opens a page looks at it.
  constructor({ isInSight, hasFocus, now = () => Date.now() }) {
    super();
    this.#isInSight = isInSight;
    this.#hasFocus = hasFocus;
    this.#now = now;
    this.#inputAt = now();
    this.#wasLooking = this.isLooking;
  }

  get isLooking() {
    if (!this.#isInSight()) return false;
    const isHere = this.#hasFocus() && this.#now() - this.#inputAt < IDLE_AFTER;
    return isHere || this.#now() - this.#glanceAt < GLANCE;
  }

  // There was input. `isMeant`: false for a pointer that only passes over a window without focus.
  noteInput({ isMeant }) {
    this.compare(); // no event says that looking has ended
    if (this.#hasFocus()) this.#inputAt = this.#now();
    else if (isMeant) this.#glanceAt = this.#now();
    this.compare();
  }

  // Somebody may look now, because something changed.
  compare() {
    const isLooking = this.isLooking;
    const begins = isLooking && !this.#wasLooking;
    this.#wasLooking = isLooking;
    if (begins) this.dispatchEvent(new Event("look"));
  }
}
