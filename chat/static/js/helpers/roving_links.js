// Makes the links of a list one stop of the Tab key: the current one, or the one that had the focus last.
// From it arrows, Home, End and letters lead to the others.

import { itemFor } from "./menu_keys.js";

export class RovingLinks {
  #host;
  #selector;
  #nameOf;
  #last = null; // that had the focus

  // nameOf(link) -> the text that a letter may begin
  constructor(host, selector, nameOf) {
    this.#host = host;
    this.#selector = selector;
    this.#nameOf = nameOf;
    host.addEventListener("focusin", ({ target }) => this.#select(target));
    host.addEventListener("keydown", (event) => this.#press(event));
    const observer = new MutationObserver(() => this.#rest());
    const attributeFilter = ["aria-current", "class", "data-folded"];
    observer.observe(host, { childList: true, subtree: true, attributeFilter });
    this.#rest();
  }

  #select(target) {
    if (!target.matches(this.#selector)) return;
    this.#last = target;
    this.#rest();
  }

  #rest() {
    const links = this.#links;
    const { activeElement: focused } = document;
    const isCurrent = (link) => link.hasAttribute("aria-current");
    const stop =
      [focused, links.find(isCurrent), this.#last].find((link) => links.includes(link)) ?? links[0];
    for (const link of links) link.tabIndex = link === stop ? 0 : -1;
  }

  #press(event) {
    if (event.defaultPrevented || !event.target.matches(this.#selector)) return;
    const next = itemFor(event, this.#links, this.#nameOf);
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  get #links() {
    return [...this.#host.querySelectorAll(this.#selector)];
  }
}
