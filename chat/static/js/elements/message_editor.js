// A sent message while its author edits it: the text stands where the message is. Enter saves by the
// rules of the composer, Escape cancels.

import { excessOf, showCount } from "../helpers/composer_count.js";
import { Draft } from "../helpers/drafts.js";
import { growWithText } from "../helpers/growing_field.js";
import { focusAgain } from "../helpers/kept_focus.js";
import { LiveElement } from "../helpers/live_element.js";
import { insertText } from "../helpers/text_changes.js";
import { listenToWriting } from "../helpers/writing_keys.js";
import { wordsPasted } from "../models/transfer.js";
import { t } from "../models/translation.js";

export class MessageEditor extends LiveElement {
  #text;
  #message;
  #before; // its text
  #draft; // what became of that here, should the page go away meanwhile
  #draftOf; // and the text that the draft began with
  #opener; // gets the focus back

  prepare() {
    this.#text = this.querySelector("textarea");
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.addEventListener("keydown", (event) => this.#press(event));
    this.querySelector(".message-editor-cancel").addEventListener("click", () => this.#close());
    this.#text.addEventListener("input", () => {
      this.#keep(this.#text.value);
      this.#note();
    });
    listenToWriting(this.#text);
    this.#text.addEventListener("paste", (event) => this.#pasteFiles(event));
  }

  // Begins with the text of a message, and with the cursor at its end.
  async open(message, opener) {
    this.#message = message;
    this.#opener = opener;
    this.#row.classList.add("message-editing");
    this.#text.focus();
    const whole = await this.#timeline.actions.whole(message);
    if (!this.#row) return; // cancelled meanwhile
    if (!whole) return this.#close();
    this.#before = whole.body;
    const { me } = document.querySelector("#main").dataset;
    this.#draft = new Draft(me, message.id);
    this.#draftOf = new Draft(me, `${message.id}.of`);
    const { text: draft } = this.#draft;
    this.#text.value = draft || whole.body;
    this.#text.readOnly = false;
    this.#note();
    if (draft && this.#draftOf.text !== whole.body)
      this.#complain(t("The message has changed since you wrote this."));
    this.#text.setSelectionRange(this.#text.value.length, this.#text.value.length);
    this.scrollIntoView({ block: "nearest" });
  }

  focus() {
    this.#text.focus();
  }

  get #row() {
    return this.closest(".message");
  }

  get #timeline() {
    return this.closest("message-timeline");
  }

  get #longest() {
    return Number(this.dataset.longest);
  }

  #press(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.#close();
  }

  #keep(text) {
    this.#draft?.keep(text);
    this.#draftOf?.keep(text && this.#before);
  }

  #note() {
    growWithText(this.#text);
    showCount(this.querySelector(".composer-count"), this.#text.value, this.#longest);
    this.#complain("");
  }

  // The browser pastes text, unless there are files beside it.
  #pasteFiles(event) {
    const { clipboardData: clipboard } = event;
    const files = [...clipboard.files];
    if (!files.length || event.defaultPrevented) return;
    event.preventDefault();
    const words = wordsPasted({ text: clipboard.getData("text/plain"), files });
    if (words) insertText(this.#text, words);
    else this.#complain(t("The pictures of a sent message can’t be changed."));
  }

  // Stays until the text is saved.
  async #save() {
    const { id, images } = this.#message;
    const body = this.#text.value.trimEnd();
    if (!body.trim() && !images.length)
      return this.#complain(t("Write something, or delete the message."));
    const excess = excessOf(body, this.#longest);
    if (excess) return this.#complain(excess);
    if (
      body === this.#before ||
      (await this.#timeline.actions.change("message:edit", { id, body }))
    )
      this.#close();
  }

  #complain(problem) {
    const notice = this.querySelector(".message-editor-problem");
    notice.textContent = problem;
    notice.hidden = !problem;
  }

  #close() {
    const row = this.#row;
    const hadFocus = this.contains(document.activeElement);
    this.#keep("");
    row.classList.remove("message-editing");
    this.remove();
    // a message's own buttons are shown under the pointer only
    if (hadFocus) focusAgain(isElsewhere(this.#opener, row) ? this.#opener : row);
  }
}

function isElsewhere(opener, row) {
  return opener.isConnected && opener !== document.body && !row.contains(opener);
}

// Edits a message in its row, or goes on with that.
export function editInPlace(timeline, message) {
  const row = timeline.querySelector(`.message[data-id="${CSS.escape(message.id)}"]`);
  const open = row.querySelector("message-editor");
  if (open) return open.focus();
  const opener = document.activeElement;
  const { content } = document.querySelector(".message-editor-template");
  const editor = document.importNode(content, true).firstElementChild;
  const text = editor.querySelector("textarea");
  text.id = `edit-${message.id}`;
  editor.querySelector("label").htmlFor = text.id;
  row.querySelector(".message-body").after(editor);
  return editor.open(message, opener);
}
