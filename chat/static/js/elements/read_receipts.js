// Shows how far others have read: small faces below the newest message that each has read.

import { connection } from "../models/connection.js";
import { people } from "../models/people.js";
import { Receipts } from "../models/receipts.js";
import { getJson } from "../helpers/api.js";
import { LiveElement } from "../helpers/live_element.js";
import { measures } from "../helpers/measures.js";
import { showAvatar } from "../helpers/message_view.js";
import { t } from "../models/translation.js";

const MOST_FACES = 4;

export class ReadReceipts extends LiveElement {
  #receipts = new Receipts();
  #timeline;
  #list;
  #isDrawing = false;

  prepare() {
    this.#timeline = document.querySelector("message-timeline");
    this.#list = this.#timeline.querySelector(".messages");
    this.#receipts.addEventListener("change", () => this.#drawSoon());
    new MutationObserver(() => this.#drawSoon()).observe(this.#list, { childList: true });
    this.#read();
  }

  // What the server put into the page.
  #read() {
    const data = this.querySelector(".receipts-data").content.textContent;
    const { receipts, people: readers } = JSON.parse(data);
    for (const reader of readers) people.store(reader);
    this.#receipts.replace(receipts);
  }

  enter() {
    this.listen(people, "change", () => this.#drawAnew());
    this.listen(connection, "hello", () => this.#ask());
    this.listen(connection, "room:read", (read) => this.#noteRead(read));
    this.listen(connection, "entry", (entry) => this.#notePosted(entry));
    this.listen(connection, "room:member", (change) => this.#follow(change));
  }

  comeBack() {
    this.#ask();
  }

  async #ask() {
    try {
      this.#receipts.replace((await getJson(`/rooms/${this.dataset.roomId}/receipts`)).receipts);
    } catch (error) {
      console.warn(error.message); // the next hello asks again
    }
  }

  #noteRead({ room_id: roomId, user_id: id, seq }) {
    if (roomId === this.dataset.roomId && id !== document.querySelector("#main").dataset.me)
      this.#receipts.advance(id, seq);
  }

  #notePosted({ event, room_id: roomId, message }) {
    if (roomId === this.dataset.roomId && event === "message:posted")
      this.#receipts.wrote(message.author.id, message.seq);
  }

  #follow({ room_id: roomId, user, change }) {
    if (roomId !== this.dataset.roomId) return;
    people.store(user);
    if (change === "left") this.#receipts.forget(user.id);
  }

  // Somebody has a new name or picture.
  #drawAnew() {
    const drawn = this.#list.querySelectorAll(".receipts");
    for (const { dataset } of drawn) delete dataset.userIds;
    this.#drawSoon();
  }

  // Several events cause one drawing.
  #drawSoon() {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.#draw();
    });
  }

  #draw() {
    const elements = [...this.#list.children].filter(({ dataset }) => dataset.seq);
    const messages = elements.map(({ dataset: { seq, authorId } }) => ({
      seq: Number(seq),
      authorId,
    }));
    const { isPresent, untilSeq } = this.#timeline.timeline;
    const shown = this.#receipts.under(messages, isPresent ? Infinity : untilSeq);
    for (const element of elements)
      this.#show(element, shown.get(Number(element.dataset.seq)) ?? []);
  }

  #show(message, ids) {
    const existing = message.querySelector(".receipts");
    if (!ids.length) return existing && this.#remove(existing, message);
    const receipts = existing ?? message.appendChild(this.#copy());
    if (receipts.dataset.userIds === ids.join(" ")) return;
    receipts.dataset.userIds = ids.join(" ");
    this.#fill(receipts, ids);
  }

  // If it had the focus, its message gets it.
  #remove(receipts, message) {
    if (receipts.contains(document.activeElement)) message.focus();
    receipts.remove();
  }

  async #fill(receipts, ids) {
    const readers = await Promise.all(ids.slice(0, MOST_FACES).map((id) => people.find(id)));
    const names = await people.list(ids, measures.mostNames);
    if (receipts.dataset.userIds !== ids.join(" ")) return; // somebody has read on meanwhile
    receipts
      .querySelector(".receipts-faces")
      .replaceChildren(...readers.map((reader) => this.#face(reader)));
    receipts.querySelector(".receipts-more").textContent =
      ids.length > MOST_FACES ? `+${ids.length - MOST_FACES}` : "";
    receipts.querySelector("summary").title = receipts.querySelector(".receipts-text").textContent =
      t("Read by {people}", { people: names });
    receipts.querySelector(".receipts-names").textContent = names;
  }

  #face(reader) {
    return showAvatar(
      this.querySelector(".receipts-face-template").content.firstElementChild.cloneNode(true),
      reader,
    );
  }

  #copy() {
    return this.querySelector(".receipts-template").content.firstElementChild.cloneNode(true);
  }
}
