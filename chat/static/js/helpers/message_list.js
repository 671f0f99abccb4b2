// The messages of a timeline as elements: in the order of `seq`, then those that are not sent yet. Lines
// about the room stand between them (room_lines.js).

import { people } from "../models/people.js";
import { keepFocus } from "./kept_focus.js";
import { showMessage, showReply } from "./message_view.js";
import { joinWithNeighbour } from "./neighbours.js";

export class MessageList {
  #timeline;
  #list;
  #find;

  // `timeline` is the element around the list; find(id) -> the message as it is known now.
  constructor(timeline, find) {
    this.#timeline = timeline;
    this.#list = timeline.querySelector(".messages");
    this.#find = find;
  }

  get elements() {
    return [...this.#list.querySelectorAll(":scope > .message")];
  }

  get sent() {
    return this.elements.filter(({ dataset }) => dataset.seq);
  }

  get unsent() {
    return this.elements.filter(({ dataset }) => !dataset.seq);
  }

  // Each author of a shown message once.
  get authors() {
    const ids = new Set(this.elements.map(({ dataset }) => dataset.authorId));
    return [...ids].map((id) => people.known(id)).filter(Boolean);
  }

  // The newest own message that can be edited; undefined where there is none.
  get lastOwn() {
    return this.elements.findLast(
      ({ dataset, classList }) =>
        dataset.seq && dataset.authorId === this.me && !classList.contains("message-deleted"),
    );
  }

  get me() {
    return document.querySelector("#main").dataset.me;
  }

  // What message_view.js needs besides a message.
  get look() {
    return {
      templates: {
        fold: this.#template("message-fold").firstElementChild,
        image: this.#template("message-image").firstElementChild,
        reaction: this.#template("reaction").firstElementChild,
      },
      me: this.me,
      room: `/rooms/${this.#timeline.dataset.roomId}`,
    };
  }

  elementOf({ id }) {
    return this.#list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  // Where this message waits to be sent, if it is one's own; otherwise null.
  unsentElementOf({ client_id: clientId, author }) {
    return author.id === this.me ? this.ownElementOf(clientId) : null;
  }

  ownElementOf(clientId) {
    return this.#list.querySelector(
      `[data-client-id="${CSS.escape(clientId)}"][data-author-id="${CSS.escape(this.me)}"]`,
    );
  }

  // Shows a message in an element, at its place. The message that it answers may have changed since.
  show(message, element = this.copy()) {
    const answered = message.reply_to && (this.#find(message.reply_to.id) ?? message.reply_to);
    showMessage(element, { ...message, reply_to: answered }, this.look);
    this.#place(element, message.seq);
    return element;
  }

  // Shows a changed message in the replies to it.
  showInReplies(message) {
    const { room } = this.look;
    const links = this.#list.querySelectorAll(`[data-reply-id="${CSS.escape(message.id)}"]`);
    for (const link of links) showReply(link.closest(".message"), message, room);
  }

  // The seq of the newest message; undefined where there is none.
  get lastSeq() {
    const last = this.elements.findLast(({ dataset }) => dataset.seq);
    return last && Number(last.dataset.seq);
  }

  append(element) {
    this.#list.append(element);
  }

  remove(element) {
    const next = element.nextElementSibling;
    keepFocus(element, () => element.remove(), document.querySelector(".composer-body"));
    if (next) joinWithNeighbour(next);
  }

  removeSent() {
    for (const element of this.sent) element.remove();
  }

  copy() {
    return this.#template("message").firstElementChild.cloneNode(true);
  }

  // The server knows no time zone of its readers, and days begin at other moments in another one.
  joinAll() {
    for (const element of this.#list.children) joinWithNeighbour(element);
  }

  // In the order of seq, before everything that is not sent yet.
  #place(element, seq) {
    const isLater = ({ dataset }) => !dataset.seq || Number(dataset.seq) > seq;
    const next = this.elements.find(isLater) ?? null;
    if (messageBelow(element) !== next || !element.isConnected)
      this.#list.insertBefore(element, next);
    joinWithNeighbour(element);
    if (element.nextElementSibling) joinWithNeighbour(element.nextElementSibling);
  }

  #template(name) {
    return this.#timeline.querySelector(`:scope > .${name}-template`).content;
  }
}

function messageBelow(element) {
  let below = element.nextElementSibling;
  while (below && !below.matches(".message")) below = below.nextElementSibling;
  return below;
}
