// Where messages are written. Each gets a client_id before it goes into the outbox, so that sending it again says it once.

import { outbox } from "../models/my_outbox.js";
import { Upload } from "../models/upload.js";
import { Draft } from "../helpers/drafts.js";

const MOST_IMAGES = 10; // in a message
const HAS_KEYBOARD = matchMedia("(pointer: fine)");

export class MessageComposer extends HTMLElement {
  #form;
  #body;
  #files;
  #timelineElement;
  #draft;
  #uploads = [];

  connectedCallback() {
    this.#form = this.querySelector("form");
    this.#body = this.querySelector("textarea");
    this.#files = this.querySelector(".composer-files");
    this.#timelineElement = document.querySelector("message-timeline");
    this.#body.addEventListener("keydown", (event) => this.#sendOnEnter(event));
    this.#keepDraft();
    if (!this.#timelineElement?.timeline) return; // a page of the past: the form posts, and leads to the present
    this.#listen();
    this.#focusOnceLoaded();
  }

  #listen() {
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#files.addEventListener("change", () => this.#choose());
    this.#body.addEventListener("paste", (event) => this.#add(event.clipboardData.files, event));
    const room = document.querySelector("#main");
    room.addEventListener("dragover", (event) => this.#welcomeDrop(event));
    room.addEventListener("dragleave", () => this.classList.remove("composer-dropping"));
    room.addEventListener("drop", (event) => this.#drop(event));
    this.#timelineElement.addEventListener("retry", ({ detail }) => this.#decide(outbox.retry(detail.client_id)));
    this.#timelineElement.addEventListener("discard", ({ detail }) => this.#decide(outbox.discard(detail.client_id)));
    this.#timelineElement.addEventListener("edit", ({ detail }) => this.#edit(detail));
    addEventListener("beforeunload", (event) => this.#uploads.length && event.preventDefault());
  }

  // What was begun is there again after a reload. Never live in another tab: what is written there must not be touched.
  #keepDraft() {
    this.#draft = new Draft(document.querySelector("#main").dataset.me, this.dataset.roomId);
    this.#body.value ||= this.#draft.text;
    this.#body.addEventListener("input", () => this.#draft.keep(this.#body.value));
    this.#form.addEventListener("submit", () => this.#timelineElement?.timeline || this.#draft.keep(""));
  }

  // Not before: going to the address's #newest takes the focus away.
  #focusOnceLoaded() {
    if (!HAS_KEYBOARD.matches) return;
    if (document.readyState === "complete") this.#body.focus();
    else addEventListener("load", () => setTimeout(() => this.#body.focus()), { once: true });
  }

  async #submit(event) {
    event.preventDefault();
    const body = this.#body.value.trimEnd();
    const uploads = this.#uploads;
    if (uploads.some(({ state }) => state !== "done") || (!body.trim() && !uploads.length)) return; // what is on its way, or failed, comes first
    if (this.#isTooLong(body)) return;
    this.#body.value = "";
    this.#body.focus();
    this.#setUploads([]);
    await Promise.all(uploads.map((upload) => upload.describe(upload.item.querySelector(".upload-alt").value.trim())));
    await this.#keep(body, uploads.map(({ image }) => image));
    this.#draft.replace(body, this.#body.value); // not before: the outbox has it now
  }

  // Into the outbox, from where it is shown and sent. If this device cannot keep it, it stays in the composer.
  async #keep(body, images) {
    try {
      await outbox.add({ room_id: this.dataset.roomId, client_id: newClientId(), body, images, written_at: new Date().toISOString() });
      this.#timelineElement.goToTheEnd();
    } catch (error) {
      this.#write([body, this.#body.value].filter(Boolean).join("\n"));
      this.#complain(`This browser could not keep the message: ${error.message}`);
    }
  }

  // What is too long stays in the composer, with the reason.
  #isTooLong(body) {
    const { length } = [...body]; // characters as the server counts them
    const isTooLong = length > Number(this.dataset.longest);
    this.#complain(isTooLong ? `This has ${length} characters; at most ${this.dataset.longest} fit a message.` : "");
    return isTooLong;
  }

  #complain(problem) {
    const notice = this.querySelector(".composer-problem");
    notice.textContent = problem;
    notice.hidden = !problem;
  }

  // Enter sends, Shift+Enter breaks the line; not while an input method composes a word, and not where there is no Shift.
  #sendOnEnter(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !HAS_KEYBOARD.matches) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  // A choice about a failed message is done with its button, which goes away: back to writing.
  async #decide(done) {
    await done;
    this.#body.focus();
  }

  async #edit({ client_id: clientId, body }) {
    await outbox.discard(clientId);
    this.#write([body, this.#body.value].filter(Boolean).join("\n"));
  }

  #write(text) {
    this.#body.value = text;
    this.#draft.keep(text);
    this.#body.focus();
  }

  // pictures

  #choose() {
    this.#add(this.#files.files);
    this.#files.value = "";
  }

  #welcomeDrop(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.classList.add("composer-dropping");
  }

  #drop(event) {
    this.classList.remove("composer-dropping");
    this.#add(event.dataTransfer.files, event);
  }

  #add(files, event) {
    const pictures = [...files].filter(({ type }) => type.startsWith("image/")).slice(0, MOST_IMAGES - this.#uploads.length);
    if (!pictures.length) return;
    event?.preventDefault();
    const added = pictures.map((file) => new Upload(this.dataset.roomId, file));
    this.#setUploads([...this.#uploads, ...added]);
    for (const upload of added) {
      this.#show(upload);
      upload.start();
    }
    this.#body.focus();
  }

  #show(upload) {
    const item = this.querySelector(":scope > template").content.firstElementChild.cloneNode(true);
    const preview = item.querySelector(".upload-preview");
    const retry = item.querySelector(".upload-retry");
    upload.item = item;
    preview.src = URL.createObjectURL(upload.file);
    preview.alt = upload.file.name;
    upload.addEventListener("change", () => {
      item.querySelector(".upload-progress").value = upload.progress;
      item.querySelector(".upload-progress").hidden = upload.state !== "uploading";
      item.querySelector(".upload-problem").textContent = upload.problem;
      item.querySelector(".upload-problem").hidden = upload.state !== "failed";
      retry.hidden = upload.state !== "failed" || !upload.mayHelp;
      this.#allowSending();
    });
    retry.addEventListener("click", () => upload.start());
    item.querySelector(".upload-remove").addEventListener("click", () => {
      upload.cancel();
      this.#setUploads(this.#uploads.filter((other) => other !== upload));
    });
    this.querySelector(".composer-uploads").append(item);
  }

  #setUploads(uploads) {
    for (const upload of this.#uploads) if (!uploads.includes(upload)) this.#forget(upload);
    this.#uploads = uploads;
    this.#allowSending();
  }

  #forget({ item }) {
    URL.revokeObjectURL(item.querySelector(".upload-preview").src);
    item.remove();
  }

  #allowSending() {
    const button = this.querySelector(".composer-send");
    button.disabled = this.#uploads.some(({ state }) => state !== "done");
    button.textContent = this.#uploads.some(({ state }) => state === "uploading") ? "Uploading…" : "Send";
  }
}

// 128 random bits; randomUUID is missing on plain http from another host.
function newClientId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
