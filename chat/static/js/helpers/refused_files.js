// Files that were chosen, pasted or dropped and are not sent: each with the reason, until the next
// choice.

import { t } from "../models/translation.js";

const MOST = 4; // that are named; more would push the text out of sight

export class RefusedFiles {
  #list;
  #copy;

  constructor(composer) {
    this.#list = composer.querySelector(".composer-refused");
    const { content } = composer.querySelector(".composer-refused-template");
    this.#copy = () => content.firstElementChild.cloneNode(true);
  }

  // refused: [{name, reason}]
  show(refused) {
    const named = refused.slice(0, refused.length > MOST ? MOST - 1 : MOST);
    const others = refused.length - named.length;
    const items = named.map(({ name, reason }) => this.#item(name, reason));
    if (others)
      items.push(this.#item(t("{count} more files", { count: others }), t("not sent either")));
    this.#list.replaceChildren(...items);
  }

  #item(name, reason) {
    const item = this.#copy();
    item.querySelector(".composer-refused-name").textContent = name;
    item.querySelector(".composer-refused-reason").textContent = ` – ${reason}`;
    item.querySelector("button").addEventListener("click", () => this.#dismiss(item));
    return item;
  }

  #dismiss(item) {
    const text = item.closest("form").querySelector("textarea");
    item.remove();
    text.focus();
  }
}
