// Arrow keys move the focus from message to message, lines about the room included, and to the links and
// buttons of one. One of them is in the order of the Tab key; all else is reached from it ("roving tabindex").

import { isScrollable, partAt, partsOf, takeOutOfTabOrder } from "./message_parts.js";
import { isFromRightToLeft } from "./writing_direction.js";

const ITEM = ".message, .room-line";

export class RovingTabindex {
  #list;
  #current = null;

  constructor(list) {
    this.#list = list;
    takeOutOfTabOrder(list);
    list.addEventListener("focusin", ({ target }) => this.#select(target.closest(ITEM)));
    list.addEventListener("keydown", (event) => this.#press(event));
    this.rest();
  }

  // The newest message is the tab stop while the focus is elsewhere.
  rest() {
    if (!this.#list.contains(document.activeElement)) this.#select(this.#list.lastElementChild);
  }

  // Without scrolling.
  focus(message) {
    this.#select(message);
    message.focus({ preventScroll: true });
  }

  #select(element) {
    if (!element) return;
    if (this.#current) this.#current.tabIndex = -1;
    this.#current = element;
    element.tabIndex = 0;
  }

  #press(event) {
    const { target, defaultPrevented, ctrlKey, metaKey, altKey } = event;
    if (defaultPrevented || ctrlKey || metaKey || altKey) return;
    if (target.matches(ITEM)) this.#move(event);
    else if (partAt(target)) this.#moveInside(event);
  }

  // Enter and the keys of a context menu open the menu of a message, Escape goes back to the composer.
  #move(event) {
    const { target, key } = event;
    const next = {
      ArrowUp: target.previousElementSibling,
      ArrowDown: target.nextElementSibling,
      Home: this.#list.firstElementChild,
      End: this.#list.lastElementChild,
      Escape: document.querySelector(".composer-body"),
      [this.#forward]: partsOf(target)[0],
    }[key];
    const isMenu = key === "Enter" || key === "ContextMenu" || (key === "F10" && event.shiftKey);
    if (!next && !isMenu) return;
    event.preventDefault();
    if (isMenu) return this.#openMenu(target);
    if (next.matches(ITEM)) next.tabIndex = 0;
    next.focus();
  }

  // Arrows and Tab go through the parts of a message, and from the first one back to it, as Escape.
  #moveInside(event) {
    const { key, shiftKey, target } = event;
    const message = target.closest(ITEM);
    const part = partAt(target);
    const isTab = key === "Tab";
    const isArrow = key === "ArrowLeft" || key === "ArrowRight";
    if (isArrow && isScrollable(part)) return;
    if (!isTab && !isArrow && key !== "Escape") return;
    const parts = [message, ...partsOf(message)];
    const step = (isTab && !shiftKey) || key === this.#forward ? 1 : -1;
    const here = parts.indexOf(part);
    const next = key === "Escape" ? message : here > 0 && parts[here + step];
    if (!next && isTab) return; // on to what follows the messages
    event.preventDefault();
    if (next) next.focus();
  }

  // An unsent message has no menu, but buttons; a line may have a link.
  #openMenu(message) {
    if (message.dataset.seq) message.querySelector(".message-more").click();
    else partsOf(message)[0]?.focus();
  }

  // The arrow key that leads on in the direction of the page.
  get #forward() {
    return isFromRightToLeft(this.#list) ? "ArrowLeft" : "ArrowRight";
  }
}
