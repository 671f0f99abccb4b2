// Where the messages of a room are opened, and how a reply leads to the message that it answers, and
// Back from there.

export class TimelinePlaces {
  #element;
  #timeline;
  #reading;
  #scroll;
  #ways = new Map(); // key of an entry of the history -> what leads to where one read then

  // `element` is the timeline on the page.
  constructor(element, { timeline, reading, scroll }) {
    this.#element = element;
    this.#timeline = timeline;
    this.#reading = reading;
    this.#scroll = scroll;
  }

  // At the message that the address names, or else at what is new.
  open() {
    if (!this.#openWhereAsked()) this.showFirstNew();
  }

  // As it was left.
  comeBack() {
    if (!this.#openWhereAsked()) this.#scroll.restore();
  }

  // At the end; where what is new does not fit, at its beginning.
  showFirstNew() {
    const { firstNew } = this.#reading;
    if (this.#timeline.isPresent) this.#scroll.goToTheEnd();
    const isShort = this.#timeline.isPresent && firstNew && !this.#scroll.isAbove(firstNew);
    if (firstNew && !isShort) this.#scroll.goToBelow(firstNew);
  }

  // Who comes back to what they have read goes on with what is new below it.
  goOn() {
    const { firstNew } = this.#reading;
    const isAhead = firstNew && !this.#scroll.isAbove(firstNew) && !this.#scroll.isAtTheEnd;
    if (isAhead && !this.#asked) this.showFirstNew();
  }

  // To the message that a reply answers, where it is shown. Back leads to where one reads now.
  followReply(event) {
    const { hash } = event.target.closest(".message-reply") ?? {};
    const answered = hash && document.getElementById(hash.slice(1));
    if (!answered) return;
    event.preventDefault();
    if (location.hash !== hash) this.#ways.set(history.state?.key, this.#scroll.wayBack());
    location.hash = hash;
    this.#scroll.goTo(answered);
  }

  // Another entry of the history is shown.
  followHistory() {
    const key = history.state?.key;
    const go = this.#ways.get(key);
    this.#ways.delete(key);
    go?.();
  }

  // Returns whether the message that the address names is here.
  #openWhereAsked() {
    const asked = this.#asked;
    if (asked) this.#scroll.goTo(asked);
    return asked !== null;
  }

  get #asked() {
    const asked = document.getElementById(location.hash.slice(1))?.closest(".message");
    return asked && this.#element.contains(asked) ? asked : null;
  }
}
