// What the next message answers, or which sent message is being edited: a line above the text shows it.

import { labelOf, people } from "../models/people.js";
import { excerptOf, showAvatar } from "./message_view.js";

// Events: "change", when it answers or edits another message, or none.
export class ComposerContext extends EventTarget {
  answered = null; // the message that the next one answers
  edited = null; // the sent message that is being edited
  #composer;

  constructor(composer) {
    super();
    this.#composer = composer;
  }

  // Shows new names of people until the signal comes.
  follow(signal) {
    people.addEventListener("change", () => this.#showTitle(), { signal });
    this.#showTitle();
  }

  get isEmpty() {
    return !this.answered && !this.edited;
  }

  answer(message) {
    this.#set(message, null);
  }

  edit(message) {
    this.#set(null, message);
  }

  clear() {
    this.#set(null, null);
  }

  #set(answered, edited) {
    this.answered = answered;
    this.edited = edited;
    this.#composer.classList.toggle("composer-editing", Boolean(edited));
    this.#part("").hidden = this.isEmpty;
    this.#showTitle();
    this.#part("-excerpt").textContent = answered ? excerptOf(answered) : "";
    this.dispatchEvent(new Event("change"));
  }

  #showTitle() {
    const title = this.#part("-title");
    const person = this.answered && people.current(this.answered.author);
    this.#part("-avatar").hidden = !person;
    if (person) showAvatar(this.#part("-avatar"), person);
    if (this.edited) title.textContent = "Editing your message";
    else if (person) title.textContent = `Replying to ${labelOf(person)}`;
  }

  #part(name) {
    return this.#composer.querySelector(`.composer-context${name}`);
  }
}
