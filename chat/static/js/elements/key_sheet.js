// The list of all keys, a dialog: `?` opens it where nobody types, Ctrl-/ anywhere, and the menu of
// one's account.

import { hasCommandKey } from "../helpers/keyboards.js";
import { LiveElement } from "../helpers/live_element.js";
import { t } from "../models/translation.js";

const FIELDS = "input, textarea, select, [contenteditable]";
const OPEN = ":popover-open, dialog[open]";
const NAMES_ON_MAC = { [t("Ctrl")]: "⌘", Alt: "⌥" };

export class KeySheet extends LiveElement {
  prepare() {
    if (hasCommandKey())
      for (const key of this.querySelectorAll("kbd"))
        key.textContent = NAMES_ON_MAC[key.textContent] ?? key.textContent;
    this.querySelector(".keys-close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) this.#dialog.close();
    });
  }

  enter() {
    const opener = document.querySelector(".account-menu-keys");
    const { staySignal: signal } = this;
    opener.hidden = false;
    opener.addEventListener("click", () => this.#openFrom(opener), { signal });
    document.addEventListener("keydown", (event) => this.#press(event), { signal });
  }

  leave() {
    this.#dialog.close();
  }

  open() {
    this.#dialog.showModal();
  }

  // The menu closes, and the focus goes back to what opens it.
  #openFrom(opener) {
    opener.closest("[popover]").hidePopover();
    this.open();
  }

  #press(event) {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    const isAsked =
      (key === "?" && !ctrlKey && !metaKey && !altKey && !target.closest?.(FIELDS)) ||
      (key === "/" && ctrlKey !== metaKey && !altKey);
    if (!isAsked || document.querySelector(OPEN)) return;
    event.preventDefault();
    this.open();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }
}
