// The tool row of the composer: emoji, a mention, and the formats of the text.

import { insertText } from "./text_changes.js";
import { applyFormat } from "./text_formats.js";

export class ComposerTools {
  #formats;
  #text;

  constructor(composer) {
    this.#formats = composer.querySelector(".composer-formats");
    this.#text = composer.querySelector("textarea");
    composer.addEventListener("mousedown", keepFocusInText);
    composer.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-tool], [data-format]");
      if (button?.dataset.tool) this.#use(button);
      else if (button) applyFormat(this.#text, button.dataset.format);
    });
  }

  #use(button) {
    ({
      emoji: () => document.querySelector("emoji-picker").openToWrite(this.#text),
      mention: () => this.#mention(),
      formats: () => this.#toggleFormats(button),
    })[button.dataset.tool]();
  }

  // Suggestions open as if somebody typed it. Next to a letter an @ mentions nobody.
  #mention() {
    const before = this.#text.value.slice(0, this.#text.selectionStart);
    insertText(this.#text, /(^|\s)$/.test(before) ? "@" : " @");
  }

  #toggleFormats(button) {
    this.#formats.hidden = !this.#formats.hidden;
    button.setAttribute("aria-expanded", !this.#formats.hidden);
    this.#text.focus();
  }
}

// A press on a button would take the focus, and with it a phone's keyboard, away from the text.
function keepFocusInText(event) {
  if (event.target.closest("[data-tool], [data-format], .composer-send")) event.preventDefault();
}
