// Whether somebody looks at this page: it is in sight, it has the focus, and there was input not
// long ago. A window beside another one, and one that somebody left open on their desk, is in sight
// and not looked at.

const IDLE_AFTER = 5 * 60_000; // ms without input
const GLANCE = 5_000; // ms that somebody looks who scrolls a window that has no focus

// Events: "look", when somebody looks who did not before.
export class Attention extends EventTarget {
  #isInSight;
  #hasFocus;
  #now;
  #inputAt;
  #glanceAt = -Infinity;
  #wasLooking = false;

  // isInSight() and hasFocus() as the browser has them, now() in ms. Whoever opens a page looks at
  // it.
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

  // Somebody typed, touched, moved or turned something. `isMeant`: a pointer that only passes over
  // says nothing of a window that has no focus.
  noteInput({ isMeant }) {
    this.compare(); // time alone tells nobody that they look no more
    if (this.#hasFocus()) this.#inputAt = this.#now();
    else if (isMeant) this.#glanceAt = this.#now();
    this.compare();
  }

  // Something changed by which somebody may look now.
  compare() {
    const isLooking = this.isLooking;
    const begins = isLooking && !this.#wasLooking;
    this.#wasLooking = isLooking;
    if (begins) this.dispatchEvent(new Event("look"));
  }
}
