// The messages of the open room: live, complete, in order.

import { connection } from "../models/connection.js";
import { Timeline } from "../models/timeline.js";
import { showTime } from "../helpers/time.js";

const COLOURS = 8;          // as many as the stylesheet has
const NEAR_THE_END = 80;    // px; whoever is this close to the newest message follows along
const READ_AFTER = 300;     // ms
const MOST_WIDTH = 384, MOST_HEIGHT = 320; // px of a picture in a message, as routes/pages has it
const BELONGS_TOGETHER = 5 * 60_000; // ms between two messages of one author under one name

export class MessageTimeline extends HTMLElement {
  #timeline;
  #list;
  #scroll;
  #readTimer;

  connectedCallback() {
    this.#list = this.querySelector(".messages");
    this.#scroll = this.querySelector(".timeline-scroll");
    this.#restoreFocus();
    if (this.dataset.hasAfter === "true") return; // a page of the past stands still
    this.#makeTimeline();
    this.#listen();
  }

  get timeline() {
    return this.#timeline;
  }

  #makeTimeline() {
    const room_id = this.dataset.roomId;
    this.#timeline = new Timeline({
      lastSeq: Number(this.dataset.headSeq),
      askFor: (after) => connection.send("room:catch_up", { room_id, after }),
    });
    this.#timeline.know([...this.#list.children].map(({ dataset }) => ({ id: dataset.id, version: Number(dataset.seq) })));
  }

  #listen() {
    connection.addEventListener("hello", ({ detail }) => this.#resume(detail.rooms));
    connection.addEventListener("message:posted", ({ detail }) => this.#isMine(detail) && this.#timeline.take(detail));
    this.#timeline.addEventListener("message", ({ detail }) => this.#show(detail));
    this.#timeline.addEventListener("acknowledged", ({ detail }) => this.#show(detail));
    this.#timeline.addEventListener("pending", ({ detail }) => this.#showPending(detail));
    this.#timeline.addEventListener("restart", () => location.reload());
    this.#timeline.addEventListener("discarded", ({ detail }) => this.#element(detail.client_id, this.#me)?.remove());
    this.#list.addEventListener("click", (event) => this.#choose(event));
    addEventListener("beforeunload", (event) => this.#timeline.pending.length && event.preventDefault());
    document.addEventListener("visibilitychange", () => this.#markRead());
    this.#scroll.addEventListener("scroll", () => this.#follow());
  }

  // Where we are again connected: first what was missed, then what still waits to be sent.
  async #resume(rooms) {
    const item = rooms.find(({ room }) => room.id === this.dataset.roomId);
    if (!item) return;
    await this.#timeline.reach(item.head_seq).catch(() => {}); // the connection broke again: the next hello asks again
    this.#markRead();
  }

  #show(message) {
    const follows = this.#isAtTheEnd || message.author.id === this.#me;
    const element = this.#element(message.client_id, message.author.id) ?? this.#copy();
    element.classList.remove("message-pending", "message-failed");
    element.querySelector(".message-state").hidden = true;
    element.id = `message-${message.seq}`;
    Object.assign(element.dataset, {
      id: message.id, seq: message.seq, clientId: message.client_id, authorId: message.author.id, createdAt: message.created_at,
    });
    element.querySelector(".message-time").href = `?around=${message.seq}#message-${message.seq}`;
    element.querySelector(".message-body").innerHTML = message.body_html; // made safe by the server
    this.#showImages(element, message.images);
    this.#showAuthor(element, message.author);
    showTime(element.querySelector("time"), message.created_at);
    this.#place(element, message.seq);
    if (follows) this.#goToTheEnd();
    else this.#offerNewest();
    this.#markRead();
  }

  #showPending({ client_id: clientId, body, images, state, problem }) {
    const { myName, myAvatar } = document.querySelector("#main").dataset;
    const author = { id: this.#me, display_name: myName, avatar_url: myAvatar };
    const element = this.#element(clientId, this.#me) ?? this.#list.appendChild(this.#copy());
    const created = new Date().toISOString();
    element.dataset.createdAt ||= created;
    Object.assign(element.dataset, { clientId, authorId: this.#me });
    element.classList.toggle("message-pending", state === "sending");
    element.classList.toggle("message-failed", state === "failed");
    element.querySelector(".message-body").replaceChildren(...(body ? [paragraph(body)] : []));
    this.#showImages(element, images);
    this.#showAuthor(element, author);
    showTime(element.querySelector("time"), element.dataset.createdAt);
    this.#showState(element, state, problem);
    this.#joinWithNeighbours(element);
    this.#goToTheEnd();
  }

  #showState(element, state, problem) {
    const note = element.querySelector(".message-state");
    note.hidden = false;
    if (state !== "failed") note.textContent = "Sending…";
    else note.replaceChildren(`Not sent: ${problem} `, choice("retry", "Try again"), choice("edit", "Edit"), choice("discard", "Discard"));
  }

  // What to do with a message that failed; the composer does it.
  #choose({ target }) {
    if (!target.dataset.choice) return;
    const { clientId } = target.closest(".message").dataset;
    this.dispatchEvent(new CustomEvent(target.dataset.choice, { detail: clientId }));
  }

  #showImages(element, images) {
    const template = this.querySelector(":scope > .message-image-template").content.firstElementChild;
    element.querySelector(".message-images").replaceChildren(...images.map((image) => {
      const link = template.cloneNode(true);
      const thumbnail = link.querySelector(".message-image-thumbnail");
      link.href = image.url;
      link.querySelector(".message-image-placeholder").src = image.placeholder;
      Object.assign(thumbnail, { ...fitted(image), alt: image.alt || "Picture", src: image.thumbnail_url });
      return link;
    }));
  }

  #showAuthor(element, author) {
    const avatar = element.querySelector(".message-avatar");
    avatar.className = `avatar message-avatar colour-${parseInt(author.id.slice(-2), 16) % COLOURS}`;
    const initials = author.display_name.split(/\s+/).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
    avatar.replaceChildren(author.avatar_url ? avatarPicture(author.avatar_url) : initials);
    element.querySelector(".message-author").textContent = author.display_name;
  }

  // In the order of seq, before everything that is still on its way.
  #place(element, seq) {
    const comesLater = ({ dataset, classList }) => (dataset.seq ? Number(dataset.seq) > seq : classList.contains("message-pending"));
    const after = [...this.#list.children].find((other) => other !== element && comesLater(other));
    if (element.nextElementSibling !== (after ?? null) || !element.isConnected) this.#list.insertBefore(element, after ?? null);
    this.#joinWithNeighbours(element);
    if (element.nextElementSibling) this.#joinWithNeighbours(element.nextElementSibling);
  }

  #joinWithNeighbours(element) {
    const before = element.previousElementSibling;
    const apart = before && new Date(element.dataset.createdAt) - new Date(before.dataset.createdAt);
    element.classList.toggle("message-continues", Boolean(before) && before.dataset.authorId === element.dataset.authorId && apart < BELONGS_TOGETHER);
  }

  #markRead() {
    clearTimeout(this.#readTimer);
    if (document.visibilityState !== "visible" || !this.#isAtTheEnd || !connection.isOpen) return;
    this.#readTimer = setTimeout(() => {
      const payload = { room_id: this.dataset.roomId, seq: this.#timeline.lastSeq };
      connection.send("room:read", payload).catch(() => {}); // unread stays unread; the next message or visit says it again
    }, READ_AFTER);
  }

  #follow() {
    if (!this.#isAtTheEnd) return;
    this.querySelector(".timeline-newest")?.remove();
    this.#markRead();
  }

  #offerNewest() {
    if (this.querySelector(".timeline-newest")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-primary timeline-newest";
    button.textContent = "New messages ↓";
    button.addEventListener("click", () => this.#goToTheEnd());
    this.append(button);
  }

  #goToTheEnd() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #restoreFocus() {
    const wanted = location.hash.startsWith("#message-") && this.querySelector(location.hash);
    if (wanted) wanted.scrollIntoView({ block: "center" });
    else if (this.dataset.hasAfter !== "true") this.#goToTheEnd();
  }

  get #isAtTheEnd() {
    return this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight < NEAR_THE_END;
  }

  get #me() {
    return document.querySelector("#main").dataset.me;
  }

  #isMine(entry) {
    return entry.room_id === this.dataset.roomId;
  }

  #element(clientId, authorId) {
    return this.#list.querySelector(`[data-client-id="${CSS.escape(clientId)}"][data-author-id="${CSS.escape(authorId)}"]`);
  }

  #copy() {
    return this.querySelector(":scope > .message-template").content.firstElementChild.cloneNode(true);
  }
}

function choice(name, text) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "message-choice", textContent: text });
  button.dataset.choice = name;
  return button;
}

// How large a picture is shown: said beforehand, so that nothing moves when it comes.
function fitted({ width, height }) {
  const scale = Math.min(1, MOST_WIDTH / width, MOST_HEIGHT / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function avatarPicture(url) {
  return Object.assign(document.createElement("img"), { className: "avatar-picture", src: url, alt: "", width: 96, height: 96 });
}

// A pending text, shown as it was typed; the server's HTML takes its place.
function paragraph(text) {
  const element = document.createElement("p");
  text.split("\n").forEach((line, i) => element.append(...(i ? [document.createElement("br"), line] : [line])));
  return element;
}
