// A custom element that listens outside of itself only while it is on the page. The chat switches
// pages without a reload, and a page that was left may come back.

export class LiveElement extends HTMLElement {
  #stay = null; // ends when the element leaves the page
  #isPrepared = false;

  connectedCallback() {
    this.#stay = new AbortController();
    const comesBack = this.#isPrepared;
    this.#isPrepared = true;
    if (!comesBack) this.prepare();
    this.enter();
    if (comesBack) this.comeBack();
  }

  disconnectedCallback() {
    this.#stay.abort();
    this.leave();
  }

  // Listens to its own parts. Runs once.
  prepare() {}

  // Listens outside of itself. Runs whenever it comes on a page.
  enter() {}

  // Ends what it does on the page.
  leave() {}

  // Learns what it missed while it was on no page. Runs after `enter`, from the second time on.
  comeBack() {}

  // Listens to `target` until this element leaves the page. action(detail) gets what the event tells.
  listen(target, name, action) {
    target.addEventListener(name, ({ detail }) => action(detail), { signal: this.staySignal });
  }

  // For everything else that must end when this element leaves the page.
  get staySignal() {
    return this.#stay.signal;
  }
}
