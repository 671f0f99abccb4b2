// The messages of the open room: live, complete, in order.

import { connection } from "../models/connection.js";
import { outbox } from "../models/my_outbox.js";
import { Timeline } from "../models/timeline.js";
import { getJson } from "../helpers/api.js";
import { showTime } from "../helpers/time.js";

const COLOURS = 8;          // as many as the stylesheet has
const NEAR_THE_END = 80;    // px; whoever is this close to the newest message follows along
const NEAR_THE_BEGINNING = 600; // px; whoever is this close to the oldest message gets the ones before
const CATCH_UP = 500;       // entries asked for at once
const READ_AFTER = 300;     // ms
const MOST_WIDTH = 384, MOST_HEIGHT = 320; // px of a picture in a message, as routes/pages has it
const BELONGS_TOGETHER = 5 * 60_000; // ms between two messages of one author under one name

export class MessageTimeline extends HTMLElement {
  #timeline;
  #list;
  #scroll;
  #readTimer;
  #isFetching = false;

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

  goToTheEnd() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #makeTimeline() {
    const room_id = this.dataset.roomId;
    const messages = [...this.#list.children];
    this.#timeline = new Timeline({
      firstSeq: this.#hasBefore ? Number(messages[0].dataset.seq) : 0,
      lastSeq: Number(this.dataset.headSeq),
      askFor: (after) => connection.insist("room:catch_up", { room_id, after, limit: CATCH_UP }),
    });
    this.#timeline.know(messages.map(({ dataset }) => dataset.id));
  }

  #listen() {
    connection.addEventListener("entry", ({ detail }) => detail.room_id === this.dataset.roomId && this.#timeline.take(detail));
    connection.addEventListener("hello", ({ detail }) => detail.rooms.forEach((item) => this.#resume(item)));
    connection.addEventListener("room:added", ({ detail }) => this.#resume(detail));
    connection.addEventListener("room:heads", ({ detail }) => this.#reach(detail[this.dataset.roomId]));
    this.#timeline.addEventListener("message", ({ detail }) => this.#show(detail));
    this.#timeline.addEventListener("restart", () => location.reload());
    outbox.addEventListener("change", () => this.#showUnsent());
    outbox.addEventListener("sent", ({ detail }) => detail.room_id === this.dataset.roomId && this.#acknowledge(detail));
    this.#list.addEventListener("click", (event) => this.#choose(event));
    this.querySelector(".timeline-earlier").addEventListener("click", (event) => this.#fetchEarlier(event));
    document.addEventListener("visibilitychange", () => this.#markRead());
    this.#scroll.addEventListener("scroll", () => this.#follow());
  }

  // Where we are again connected, or again in the room: what was missed.
  async #resume({ room, head_seq: headSeq }) {
    if (room.id !== this.dataset.roomId) return;
    await this.#reach(headSeq);
    this.#markRead();
  }

  async #reach(headSeq) {
    if (headSeq !== undefined) await this.#timeline.reach(headSeq);
  }

  #show(message) {
    const existing = this.#list.querySelector(`[data-id="${CSS.escape(message.id)}"]`) ?? this.#unsentElement(message);
    const follows = this.#isAtTheEnd;
    const element = this.#render(message, existing ?? this.#copy());
    if (follows) this.goToTheEnd();
    else if (!existing && !element.nextElementSibling?.dataset.seq) this.#offerNewest();
    this.#markRead();
  }

  #render(message, element) {
    element.classList.remove("message-pending", "message-failed");
    element.querySelector(".message-state").hidden = true;
    delete element.dataset.state;
    element.id = `message-${message.seq}`;
    Object.assign(element.dataset, {
      id: message.id, seq: message.seq, clientId: message.client_id, authorId: message.author.id, createdAt: message.created_at,
    });
    element.classList.toggle("message-calls-me", message.author.id !== this.#me && (message.mentions_room || message.mentions.includes(this.#me)));
    element.querySelector(".message-time").href = `?around=${message.seq}#message-${message.seq}`;
    element.querySelector(".message-body").innerHTML = message.body_html; // made safe by the server
    this.#showImages(element, message.images);
    this.#showAuthor(element, message.author);
    showTime(element.querySelector("time"), message.created_at);
    this.#place(element, message.seq);
    return element;
  }

  // older messages

  async #fetchEarlier(event) {
    event?.preventDefault();
    if (this.#isFetching || !this.#hasBefore) return;
    this.#isFetching = true;
    try {
      this.#prepend(await getJson(`/rooms/${this.dataset.roomId}/messages?before=${this.#timeline.firstSeq}`));
    } catch (error) {
      console.warn(error.message); // the link stays, and scrolling asks again
    } finally {
      this.#isFetching = false;
    }
  }

  // Whoever reads goes on reading: what they see stays where it is.
  #prepend({ messages, has_before: hasBefore }) {
    const seen = this.#list.firstElementChild;
    const before = seen.getBoundingClientRect().top;
    this.dataset.hasBefore = hasBefore;
    this.querySelector(".timeline-more").hidden = !hasBefore;
    this.querySelector(".timeline-begin").hidden = hasBefore;
    for (const message of this.#timeline.merge(messages, hasBefore ? messages[0].seq : 0)) this.#render(message, this.#copy());
    this.#scroll.scrollTop += seen.getBoundingClientRect().top - before;
  }

  get #hasBefore() {
    return this.dataset.hasBefore === "true";
  }

  // what is not sent yet

  #showUnsent() {
    const unsent = outbox.unsent.filter((message) => message.room_id === this.dataset.roomId);
    const ids = new Set(unsent.map((message) => message.client_id));
    for (const element of this.#unsentElements()) if (!ids.has(element.dataset.clientId)) element.remove();
    for (const message of unsent) this.#showUnsentMessage(message);
  }

  #showUnsentMessage(message) {
    const follows = this.#isAtTheEnd;
    const known = this.#ownElement(message.client_id);
    if (known?.dataset.seq || known?.dataset.state === message.state) return; // it has arrived; or is shown as it is
    const element = known ?? this.#list.appendChild(this.#copy());
    Object.assign(element.dataset, {
      clientId: message.client_id, authorId: this.#me, createdAt: message.written_at, state: message.state,
    });
    element.classList.toggle("message-pending", message.state === "waiting");
    element.classList.toggle("message-failed", message.state === "failed");
    element.querySelector(".message-body").replaceChildren(...(message.body ? [paragraph(message.body)] : []));
    this.#showImages(element, message.images);
    const { myName, myAvatar } = document.querySelector("#main").dataset;
    this.#showAuthor(element, { id: this.#me, display_name: myName, avatar_url: myAvatar });
    showTime(element.querySelector("time"), message.written_at);
    this.#showState(element, message);
    this.#joinWithNeighbours(element);
    if (follows) this.goToTheEnd();
  }

  #showState(element, { state, problem, images }) {
    const note = element.querySelector(".message-state");
    note.hidden = false;
    if (state === "waiting") return note.replaceChildren("Waiting to be sent");
    const edit = images.length ? [] : [choice("edit", "Edit")]; // pictures do not go back into the composer
    note.replaceChildren(`Not sent: ${problem} `, choice("retry", "Retry"), ...edit, choice("discard", "Discard"));
    this.querySelector(".timeline-status").textContent = `A message was not sent: ${problem}`;
  }

  // What to do with a message that failed; the composer does it.
  #choose({ target }) {
    if (!target.dataset.choice) return;
    const { clientId } = target.closest(".message").dataset;
    const detail = outbox.unsent.find((message) => message.client_id === clientId);
    if (detail) this.dispatchEvent(new CustomEvent(target.dataset.choice, { detail }));
  }

  // Under the newest own message stands that it has arrived.
  #acknowledge(message) {
    const follows = this.#isAtTheEnd;
    this.#timeline.acknowledge(message);
    this.#showSent(this.querySelector(".message-sent"), false);
    this.#showSent(this.#ownElement(message.client_id), true);
    if (follows) this.goToTheEnd();
  }

  #showSent(element, isNewest) {
    if (!element?.dataset.seq) return; // older than what is shown here
    element.classList.toggle("message-sent", isNewest);
    element.querySelector(".message-state").hidden = !isNewest;
    element.querySelector(".message-state").textContent = "✓ Sent";
  }

  #unsentElements() {
    return [...this.#list.children].filter(({ dataset }) => !dataset.seq);
  }

  // Where this message waited, if it is one of ours.
  #unsentElement({ client_id: clientId, author }) {
    return author.id === this.#me ? this.#ownElement(clientId) : null;
  }

  #ownElement(clientId) {
    return this.#list.querySelector(`[data-client-id="${CSS.escape(clientId)}"][data-author-id="${CSS.escape(this.#me)}"]`);
  }

  // how a message looks

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
    const after = [...this.#list.children].find(({ dataset }) => !dataset.seq || Number(dataset.seq) > seq) ?? null;
    if (element.nextElementSibling !== after || !element.isConnected) this.#list.insertBefore(element, after);
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
    if (this.#scroll.scrollTop < NEAR_THE_BEGINNING) this.#fetchEarlier();
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
    button.addEventListener("click", () => this.goToTheEnd());
    this.append(button);
  }

  #restoreFocus() {
    const wanted = location.hash.startsWith("#message-") && this.querySelector(location.hash);
    if (wanted) wanted.scrollIntoView({ block: "center" });
    else if (this.dataset.hasAfter !== "true") this.goToTheEnd();
  }

  get #isAtTheEnd() {
    return this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight < NEAR_THE_END;
  }

  get #me() {
    return document.querySelector("#main").dataset.me;
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
