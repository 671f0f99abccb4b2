// Pictures for the next message: chosen, pasted or dropped, uploaded at once, shown above the text.

import { sortFiles } from "../models/chosen_files.js";
import { wordsDropped, wordsPasted } from "../models/transfer.js";
import { Upload } from "../models/upload.js";
import { carriesFiles } from "./dropped_files.js";
import { insertText } from "./text_changes.js";

const MOST_IMAGES = 10; // in a message

// Events: "change" when an upload begins, goes on, ends or is removed; "choice" when somebody adds or
// removes pictures; "refused" (detail: [{name, reason}], of the files that were chosen last).
export class ComposerUploads extends EventTarget {
  #composer;
  #body;
  #files;
  #uploads = [];
  #adding = Promise.resolve(); // files that were chosen a moment ago
  #isOwnDrag = false; // what is dragged belongs to this page, and is no file of theirs

  constructor(composer) {
    super();
    this.#composer = composer;
    this.#body = composer.querySelector("textarea");
    this.#files = composer.querySelector(".composer-files");
    this.#files.addEventListener("change", () => this.#choose());
    this.#body.addEventListener("paste", (event) => this.#paste(event));
  }

  // Takes what is dropped on the window until the signal comes.
  follow(signal) {
    const on = (name, action) => addEventListener(name, action, { signal });
    on("dragstart", () => (this.#isOwnDrag = true));
    on("dragend", () => (this.#isOwnDrag = false));
    on("dragover", (event) => this.#allowDrop(event));
    on("dragleave", () => this.#composer.classList.remove("composer-dropping"));
    on("drop", (event) => this.#drop(event));
    on("beforeunload", (event) => this.#uploads.length && event.preventDefault());
  }

  // Resolves once all chosen files are added, or refused.
  get added() {
    return this.#adding;
  }

  get isEmpty() {
    return this.#uploads.length === 0;
  }

  // Whether any upload is "uploading" or "failed".
  isAny(wanted) {
    return this.#uploads.some(({ state }) => state === wanted);
  }

  // Uploads files, one choice after another, so that no more are added than fit a message.
  add(files) {
    this.#adding = this.#adding.then(() => this.#addPictures(files));
  }

  // Removes all from the composer. Resolves to the uploads, once their descriptions are saved.
  async take() {
    const uploads = this.#uploads;
    this.#set([]);
    await Promise.all(uploads.map((upload) => upload.describe(descriptionOf(upload))));
    return uploads;
  }

  // Puts uploads back that `take` removed.
  putBack(uploads) {
    for (const upload of uploads) {
      const description = descriptionOf(upload);
      this.#show(upload);
      upload.item.querySelector(".upload-alt").value = description;
      this.#showState(upload);
    }
    this.#set([...uploads, ...this.#uploads]);
  }

  #choose() {
    this.add([...this.#files.files]);
    this.#files.value = "";
  }

  // The browser pastes text, unless there are files beside it.
  #paste(event) {
    const { clipboardData: clipboard } = event;
    const files = [...clipboard.files];
    if (!files.length || event.defaultPrevented) return;
    event.preventDefault();
    const words = wordsPasted({ text: clipboard.getData("text/plain"), files });
    if (words) insertText(this.#body, words);
    else this.add(files);
  }

  #allowDrop(event) {
    if (!this.#takes(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.#composer.classList.add("composer-dropping");
  }

  #drop(event) {
    this.#composer.classList.remove("composer-dropping");
    if (!this.#takes(event)) return;
    event.preventDefault();
    const { dataTransfer: dragged } = event;
    const files = [...dragged.files];
    const words = wordsDropped({ text: dragged.getData("text/plain"), files });
    if (words) insertText(this.#body, words);
    else this.add(files);
  }

  #takes(event) {
    return carriesFiles(event) && !this.#composer.hidden && !this.#isOwnDrag;
  }

  async #addPictures(files) {
    const room = MOST_IMAGES - this.#uploads.length;
    const { pictures, refused } = await sortFiles(files, { room, most: MOST_IMAGES });
    this.dispatchEvent(new Event("choice"));
    this.dispatchEvent(new CustomEvent("refused", { detail: refused }));
    const added = pictures.map((file) => new Upload(this.#composer.dataset.roomId, file));
    this.#set([...this.#uploads, ...added]);
    for (const upload of added) {
      this.#show(upload);
      upload.start();
    }
    this.#body.focus();
  }

  #show(upload) {
    const template = this.#composer.querySelector(":scope > template");
    const item = template.content.firstElementChild.cloneNode(true);
    const preview = item.querySelector(".upload-preview");
    upload.item = item;
    preview.src = URL.createObjectURL(upload.file);
    preview.alt = upload.file.name;
    upload.addEventListener("change", () => this.#showState(upload));
    item.querySelector(".upload-retry").addEventListener("click", () => upload.start());
    item.querySelector(".upload-remove").addEventListener("click", () => this.#remove(upload));
    this.#composer.querySelector(".composer-uploads").append(item);
  }

  #showState(upload) {
    const { item, state, progress, problem, mayHelp } = upload;
    item.querySelector(".upload-progress").value = progress;
    item.querySelector(".upload-progress").hidden = state !== "uploading";
    item.querySelector(".upload-problem").textContent = problem;
    item.querySelector(".upload-problem").hidden = state !== "failed";
    item.querySelector(".upload-retry").hidden = state !== "failed" || !mayHelp;
    this.dispatchEvent(new Event("change"));
  }

  #remove(upload) {
    upload.cancel();
    this.dispatchEvent(new Event("choice"));
    this.#set(this.#uploads.filter((other) => other !== upload));
  }

  #set(uploads) {
    for (const upload of this.#uploads) if (!uploads.includes(upload)) forget(upload);
    this.#uploads = uploads;
    this.dispatchEvent(new Event("change"));
  }
}

function descriptionOf({ item }) {
  return item.querySelector(".upload-alt").value.trim();
}

function forget({ item }) {
  URL.revokeObjectURL(item.querySelector(".upload-preview").src);
  item.remove();
}
