// Arrow keys move the focus from message to message. One message is in the order of the Tab key; the
// others are reached from it ("roving tabindex").

export class RovingTabindex {
  #list;
  #current = null;

  constructor(list) {
    this.#list = list;
    list.addEventListener("focusin", ({ target }) => this.#select(target.closest(".message")));
    list.addEventListener("keydown", (event) => this.#move(event));
    this.rest();
  }

  // The newest message is the tab stop while the focus is elsewhere.
  rest() {
    if (!this.#list.contains(document.activeElement)) this.#select(this.#list.lastElementChild);
  }

  #select(element) {
    if (!element) return;
    if (this.#current) this.#current.tabIndex = -1;
    this.#current = element;
    element.tabIndex = 0;
  }

  // Enter opens the menu of a message, Escape goes back to the composer.
  #move(event) {
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
    if (key === "Enter") return this.#openMenu(target);
    if (key !== "Escape") next.tabIndex = 0;
    next.focus();
  }

  // An unsent message has no menu.
  #openMenu(message) {
    if (message.dataset.seq) message.querySelector(".message-more").click();
  }
}
