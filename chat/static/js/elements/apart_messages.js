// Messages apart from their rooms: mentions, pins. Their menu does what it does in a room; what is written
// in a room, a reply or an edit, leads there.

import { connection } from "../models/connection.js";
import { LiveElement } from "../helpers/live_element.js";
import { goTo } from "../helpers/navigation.js";
import { showPageNotice } from "../helpers/page_notice.js";
import { refreshQuietly } from "../helpers/quiet_refresh.js";

const SOON = 150; // ms in which several changes become one request
const OWN_CLICKS = "a, button, input, label, summary, dialog, [popover]";

export class ApartMessages extends LiveElement {
  #timer;

  prepare() {
    this.addEventListener("reply", ({ detail }) => goTo(replyTo(detail)));
    this.addEventListener("revise", ({ detail }) => goTo(pageOf(detail)));
    this.addEventListener("click", goThere);
  }

  enter() {
    if (this.closest("room-details")) return; // which shows all changes of its pages
    this.listen(connection, "entry", (entry) => this.#concerns(entry) && this.#fetchSoon());
    this.listen(connection, "room:read", (read) => this.#isOwn(read) && this.#fetchSoon());
    this.listen(connection, "hello", () => this.#fetchSoon());
  }

  #concerns({ message }) {
    const callsMe = message.mentions_room || message.mentions.includes(me());
    return callsMe || this.querySelector(`[data-id="${message.id}"]`);
  }

  #isOwn({ room_id: roomId, user_id: reader }) {
    return reader === me() && roomId in JSON.parse(this.dataset.allowed);
  }

  #fetchSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => refreshQuietly(this, "apart-messages"), SOON);
  }

  leave() {
    clearTimeout(this.#timer);
  }

  // Whether one may do it in the room of a message, by the server's table of permissions.
  may(verb, element) {
    return JSON.parse(this.dataset.allowed)[roomOf(element)]?.includes(verb) ?? false;
  }

  message(element) {
    return element;
  }

  get actions() {
    return {
      change: (event, payload) => attempt(connection.send(event, payload)),
      mayMarkUnread: () => true, // what follows is not here
      markUnread: (element) => {
        const seq = Number(element.dataset.seq) - 1;
        return attempt(connection.send("room:read", { room_id: roomOf(element), seq }));
      },
      showNotice: showPageNotice,
    };
  }
}

// A click on a message leads to its place in the room, unless it meant a part of it or selected text.
function goThere({ target }) {
  if (target.closest(OWN_CLICKS) || !getSelection().isCollapsed) return;
  target.closest(".message")?.querySelector(".message-time").click();
}

async function attempt(sent) {
  try {
    await sent;
  } catch (error) {
    showPageNotice(error.message);
  }
}

function me() {
  return document.querySelector("#main").dataset.me;
}

function roomOf(element) {
  return pageOf(element).split("/")[2];
}

function pageOf(element) {
  return new URL(element.querySelector(".message-more").href).pathname;
}

function replyTo(element) {
  return `/rooms/${roomOf(element)}?reply_to=${element.dataset.id}#body`;
}
