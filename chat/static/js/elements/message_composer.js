// Where messages are written. Each gets a client_id before it goes into the outbox, so that sending it again says it once.

import { connection } from "../models/connection.js";
import { sortFiles } from "../models/chosen_files.js";
import { outbox } from "../models/my_outbox.js";
import { wordsDropped, wordsPasted } from "../models/transfer.js";
import { Upload } from "../models/upload.js";
import { Draft } from "../helpers/drafts.js";
import { carriesFiles } from "../helpers/dropped_files.js";
import { excerptOf } from "../helpers/message_view.js";
import { joined, labelOf, people } from "../models/people.js";

const MOST_IMAGES = 10; // in a message
const TELL_AGAIN = 3_000; // ms between two words about that somebody is writing
const HAS_KEYBOARD = matchMedia("(pointer: fine)");

export class MessageComposer extends HTMLElement {
  #form;
  #body;
  #files;
  #timelineElement;
  #draft;
  #uploads = [];
  #isOwnDrag = false; // what is dragged is of this page, not a file of theirs
  #adding = Promise.resolve(); // files that were chosen a moment ago
  #answered = null; // the message that the next one answers
  #edited = null; // the sent message that is being edited
  #toldWritingAt = -Infinity;

  connectedCallback() {
    this.#form = this.querySelector("form");
    this.#body = this.querySelector("textarea");
    this.#files = this.querySelector(".composer-files");
    this.#timelineElement = document.querySelector("message-timeline");
    this.addEventListener("keydown", (event) => this.#sendOnEnter(event));
    this.#keepDraft();
    this.#listen();
    this.#focusOnceLoaded();
  }

  #listen() {
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#files.addEventListener("change", () => this.#choose());
    this.#body.addEventListener("paste", (event) => this.#paste(event));
    addEventListener("dragstart", () => (this.#isOwnDrag = true));
    addEventListener("dragend", () => (this.#isOwnDrag = false));
    addEventListener("dragover", (event) => this.#welcomeDrop(event));
    addEventListener("dragleave", () => this.classList.remove("composer-dropping"));
    addEventListener("drop", (event) => this.#drop(event));
    this.#timelineElement.addEventListener("retry", ({ detail }) =>
      this.#decide(outbox.retry(detail.client_id)),
    );
    this.#timelineElement.addEventListener("discard", ({ detail }) =>
      this.#decide(outbox.discard(detail.client_id)),
    );
    this.#timelineElement.addEventListener("edit", ({ detail }) => this.#edit(detail));
    this.#timelineElement.addEventListener("reply", ({ detail }) => this.#reply(detail));
    this.#timelineElement.addEventListener("revise", ({ detail }) => this.#revise(detail));
    this.#timelineElement.addEventListener("allowed", () => this.#comeOrGo());
    this.#body.addEventListener("input", () => this.#tellWriting());
    this.#body.addEventListener("keydown", (event) => this.#reviseLast(event));
    this.addEventListener("keydown", (event) => event.key === "Escape" && this.#cancel(event));
    this.querySelector(".composer-context-cancel").addEventListener("click", (event) =>
      this.#cancel(event),
    );
    people.addEventListener("change", () => this.#showContextTitle());
    addEventListener("beforeunload", (event) => this.#uploads.length && event.preventDefault());
  }

  // A room is archived, or taken back into use, while it is open: what was begun here waits.
  #comeOrGo() {
    this.hidden = !this.#timelineElement.may("post");
    document.querySelector(".composer-archived").hidden = !this.hidden;
  }

  // What was begun is there again after a reload. Never live in another tab: what is written there must not be touched.
  #keepDraft() {
    this.#draft = new Draft(document.querySelector("#main").dataset.me, this.dataset.roomId);
    this.#body.value ||= this.#draft.text;
    this.#body.addEventListener("input", () => this.#edited || this.#draft.keep(this.#body.value));
  }

  // Not before: going to the address's #newest takes the focus away.
  #focusOnceLoaded() {
    if (!HAS_KEYBOARD.matches) return;
    if (document.readyState === "complete") this.#body.focus();
    else addEventListener("load", () => setTimeout(() => this.#body.focus()), { once: true });
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#edited) return this.#save();
    await this.#adding;
    const body = this.#body.value.trimEnd();
    const uploads = this.#uploads;
    if (!body.trim() && !uploads.length) return;
    if (this.#awaitsPictures(uploads) || this.#isTooLong(body)) return;
    const answered = this.#answered;
    this.#body.value = "";
    this.#toldWritingAt = -Infinity; // the message itself says that it is written
    this.#setContext({});
    this.#body.focus();
    this.#setUploads([]);
    await Promise.all(
      uploads.map((upload) =>
        upload.describe(upload.item.querySelector(".upload-alt").value.trim()),
      ),
    );
    await this.#keep(
      body,
      uploads.map(({ image }) => image),
      answered,
    );
    this.#draft.replace(body, this.#body.value); // not before: the outbox has it now
  }

  // Into the outbox, from where it is shown and sent. If this device cannot keep it, it stays in the composer.
  async #keep(body, images, answered) {
    const message = {
      room_id: this.dataset.roomId,
      client_id: newClientId(),
      body,
      images,
      written_at: new Date().toISOString(),
    };
    if (answered)
      message.reply_to = {
        id: answered.id,
        seq: answered.seq,
        author: answered.author,
        excerpt: excerptOf(answered),
      };
    try {
      await outbox.add(message);
    } catch (error) {
      this.#write([body, this.#body.value].filter(Boolean).join("\n"));
      return this.#complain(`This browser could not store the message: ${error.message}`);
    }
    try {
      await this.#timelineElement.goToThePresent();
    } catch (error) {
      console.warn(error.message); // the past stays shown; what was written waits below it
    }
  }

  // answering and editing

  #reply(message) {
    this.#leaveEditing();
    this.#setContext({ answered: message });
    this.#body.focus();
  }

  #revise(message) {
    this.#setContext({ edited: message });
    this.#body.value = message.body;
    this.#body.focus();
  }

  // ArrowUp where nothing is written yet.
  #reviseLast(event) {
    if (event.key !== "ArrowUp" || this.#body.value || this.#answered || this.#edited) return;
    const element = this.#timelineElement.lastOwn;
    if (!element) return;
    event.preventDefault();
    this.#revise(this.#timelineElement.message(element));
  }

  // Stays until it is saved, or somebody gives it up.
  async #save() {
    const { id, body: before, images } = this.#edited;
    const body = this.#body.value.trimEnd();
    if (!body.trim() && !images.length)
      return this.#complain("Write something, or delete the message.");
    if (this.#isTooLong(body)) return;
    if (body !== before && !(await this.#timelineElement.change("message:edit", { id, body })))
      return;
    if (this.#edited?.id === id) this.#cancel();
  }

  #cancel(event) {
    if (!this.#answered && !this.#edited) return;
    event?.preventDefault();
    this.#leaveEditing();
    this.#setContext({});
    this.#complain("");
    this.#body.focus();
  }

  // What was begun before comes back.
  #leaveEditing() {
    if (this.#edited) this.#body.value = this.#draft.text;
  }

  #setContext({ answered = null, edited = null }) {
    this.#answered = answered;
    this.#edited = edited;
    this.classList.toggle("composer-editing", Boolean(edited));
    this.querySelector(".composer-context").hidden = !answered && !edited;
    this.#showContextTitle();
    this.querySelector(".composer-context-excerpt").textContent = answered
      ? excerptOf(answered)
      : "";
    this.#allowSending();
  }

  #showContextTitle() {
    const title = this.querySelector(".composer-context-title");
    if (this.#edited) title.textContent = "Editing your message";
    else if (this.#answered)
      title.textContent = `Replying to ${labelOf(people.current(this.#answered.author))}`;
  }

  // Said again while somebody goes on, because others forget it; and when nothing is left of what was written.
  #tellWriting() {
    const isWriting = Boolean(this.#body.value) && !this.#edited;
    const wasTold = this.#toldWritingAt > -Infinity;
    if (isWriting ? performance.now() - this.#toldWritingAt < TELL_AGAIN : !wasTold) return;
    this.#toldWritingAt = isWriting ? performance.now() : -Infinity;
    connection
      .send("room:typing", { room_id: this.dataset.roomId, typing: isWriting })
      .catch(() => {}); // it would be over when the line is back
  }

  // A picture that failed, or is on its way, comes first.
  #awaitsPictures(uploads) {
    const isAny = (wanted) => uploads.some(({ state }) => state === wanted);
    if (isAny("failed")) this.#complain("A picture was not uploaded. Remove it, or retry.");
    else if (isAny("uploading")) this.#complain("The pictures are still uploading.");
    return isAny("failed") || isAny("uploading");
  }

  // What is too long stays in the composer, with the reason.
  #isTooLong(body) {
    const { length } = [...body]; // characters as the server counts them
    const isTooLong = length > Number(this.dataset.longest);
    this.#complain(
      isTooLong
        ? `This message has ${length} characters; the limit is ${this.dataset.longest}.`
        : "",
    );
    return isTooLong;
  }

  #complain(problem) {
    const notice = this.querySelector(".composer-problem");
    notice.textContent = problem;
    notice.hidden = !problem;
  }

  // Enter sends and Shift+Enter breaks the line; on glass, where there is no Shift+Enter, Enter
  // breaks it. With Ctrl or ⌘ it always sends: a tablet may have a keyboard.
  #sendOnEnter(event) {
    if (event.key !== "Enter") return;
    const isPlain = event.target === this.#body && !event.shiftKey && HAS_KEYBOARD.matches;
    if (!isPlain && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  // A choice about a failed message is done with its button, which goes away: back to writing.
  async #decide(done) {
    await done;
    this.#body.focus();
  }

  async #edit({ client_id: clientId, body, reply_to: answered }) {
    await outbox.discard(clientId);
    this.#leaveEditing();
    this.#setContext({ answered });
    this.#write([body, this.#body.value].filter(Boolean).join("\n"));
  }

  #write(text) {
    this.#body.value = text;
    this.#draft.keep(text);
    this.#body.focus();
  }

  // pictures

  #choose() {
    this.#add([...this.#files.files]);
    this.#files.value = "";
  }

  // Text is left to the browser, unless there are files beside it.
  #paste(event) {
    const { clipboardData: clipboard } = event;
    const files = [...clipboard.files];
    if (!files.length) return;
    event.preventDefault();
    const words = wordsPasted({ text: clipboard.getData("text/plain"), files });
    if (words) this.#insert(words);
    else this.#add(files);
  }

  #welcomeDrop(event) {
    if (!this.#takes(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.classList.add("composer-dropping");
  }

  #drop(event) {
    this.classList.remove("composer-dropping");
    if (!this.#takes(event)) return;
    event.preventDefault();
    const { dataTransfer: dragged } = event;
    const files = [...dragged.files];
    const words = wordsDropped({ text: dragged.getData("text/plain"), files });
    if (words) this.#insert(words);
    else this.#add(files);
  }

  #takes(event) {
    return carriesFiles(event) && !this.hidden && !this.#isOwnDrag;
  }

  // As if it was typed: it can be undone.
  #insert(words) {
    this.#body.focus();
    document.execCommand("insertText", false, words);
  }

  // One after another, so that no more are taken than fit a message.
  #add(files) {
    if (this.#edited) this.#complain("The pictures of a sent message cannot be changed.");
    else this.#adding = this.#adding.then(() => this.#addPictures(files));
  }

  async #addPictures(files) {
    const room = MOST_IMAGES - this.#uploads.length;
    const limits = { room, most: MOST_IMAGES, kinds: this.#kinds };
    const { pictures, problem } = await sortFiles(files, limits);
    this.#complain(problem);
    const added = pictures.map((file) => new Upload(this.dataset.roomId, file));
    this.#setUploads([...this.#uploads, ...added]);
    for (const upload of added) {
      this.#show(upload);
      upload.start();
    }
    this.#body.focus();
  }

  // `PNG, JPEG and GIF`, as the field for files says it.
  get #kinds() {
    const types = this.#files.accept.split(",");
    return joined([...new Set(types.map((type) => type.split(/[/.]/).at(-1).toUpperCase()))]);
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
      this.#complain("");
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
    const isUploading = this.#uploads.some(({ state }) => state === "uploading");
    button.disabled = !this.#edited && isUploading;
    button.textContent = this.#edited ? "Save" : isUploading ? "Uploading…" : "Send";
  }
}

// 128 random bits; randomUUID is missing on plain http from another host.
function newClientId() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
