// Which message the next one answers: a line above the text shows it.

import { labelOf, people } from "../models/people.js";
import { excerptOf } from "./excerpts.js";
import { showAvatar } from "./message_view.js";
import { t } from "../models/translation.js";

export class ComposerContext {
  answered = null; // the message that the next one answers
  #composer;

  constructor(composer) {
    this.#composer = composer;
  }

  // Shows new names of people until the signal comes.
  follow(signal) {
    people.addEventListener("change", () => this.#showAuthor(), { signal });
    this.#showAuthor();
  }

  answer(message) {
    this.answered = message;
    this.#part("-excerpt").textContent = excerptOf(message);
    this.#showAuthor();
    this.#part("").hidden = false;
  }

  clear() {
    this.answered = null;
    this.#part("").hidden = true;
  }

  #showAuthor() {
    if (!this.answered) return;
    const person = people.current(this.answered.author);
    this.#part("-title").textContent = t("Replying to {person}", { person: labelOf(person) });
    showAvatar(this.#part("-avatar"), person);
  }

  #part(name) {
    return this.#composer.querySelector(`.composer-context${name}`);
  }
}
