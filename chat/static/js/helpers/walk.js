// From message to message with the arrow keys: one of them is in the order of the Tab key, the others are reached from it.

export class Walk {
  #list;
  #current = null;

  constructor(list) {
    this.#list = list;
    list.addEventListener("focusin", ({ target }) => this.#stay(target.closest(".message")));
    list.addEventListener("keydown", (event) => this.#step(event));
    this.rest();
  }

  // Whoever is not among the messages comes in at the newest.
  rest() {
    if (!this.#list.contains(document.activeElement)) this.#stay(this.#list.lastElementChild);
  }

  #stay(element) {
    if (!element) return;
    if (this.#current) this.#current.tabIndex = -1;
    this.#current = element;
    element.tabIndex = 0;
  }

  // Enter opens what one may do with the message, Escape leads back to writing.
  #step(event) {
    const { target, key } = event;
    if (!target.matches(".message")) return;
    const next = {
      ArrowUp: target.previousElementSibling,
      ArrowDown: target.nextElementSibling,
      Home: this.#list.firstElementChild,
      End: this.#list.lastElementChild,
      Escape: document.querySelector(".composer-body"),
    }[key];
    if (!next && key !== "Enter") return;
    event.preventDefault();
    if (key === "Enter") return target.dataset.seq && target.querySelector(".message-more").click(); // what is not sent has no menu
    if (key !== "Escape") next.tabIndex = 0;
    next.focus();
  }
}
