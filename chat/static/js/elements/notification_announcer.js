// Announces what notifies: to screen readers at once; by a sound to whoever looks at something else; as
// a notification of the browser while nobody looks at the page. It closes a notification when its
// message is read, on this device or another one, or deleted.

import { connection } from "../models/connection.js";
import { attention } from "../models/my_attention.js";
import { labelOf } from "../models/people.js";
import { excerptOf } from "../helpers/excerpts.js";
import { rowOf } from "../helpers/favourites.js";
import { LiveElement } from "../helpers/live_element.js";
import { goTo } from "../helpers/navigation.js";
import { pushRegistration } from "../helpers/push.js";
import { playSound } from "../helpers/sound.js";
import { showMessage } from "../models/push_notices.js";
import { t } from "../models/translation.js";

const READ_ELSEWHERE = 500; // ms in which another tab or device may report that somebody reads it there

export class NotificationAnnouncer extends LiveElement {
  #waiting = new Map(); // message id -> {message, timer}: told of soon
  #shown = new Map(); // message id -> {message, notification}

  enter() {
    this.listen(connection, "notification", (called) => this.#announce(called));
    this.listen(connection, "room:read", (read) => this.#noteRead(read));
    this.listen(connection, "hello", ({ rooms }) => this.#compare(rooms));
    this.listen(connection, "message:deleted", ({ message }) => this.#forget(message.id));
    this.listen(window, "pagehide", () => this.#takeBack(() => true)); // the next page could not do it
  }

  #announce({ kind, message }) {
    const { isLooking } = attention;
    const { current } = document.querySelector("room-list").dataset;
    if (isLooking && current === message.room_id) return; // the list of messages announces it
    const excerpt = excerptOf(message);
    const title = titleOf(kind, message);
    this.textContent = `${title}: ${excerpt}`;
    const isAllowed = globalThis.Notification?.permission === "granted";
    this.#soon(message, () => {
      playSound().catch((error) => console.warn(error.message)); // offline
      if (!isLooking && isAllowed) this.#show(title, excerpt, message);
    });
  }

  #soon(message, action) {
    const timer = setTimeout(() => {
      this.#waiting.delete(message.id);
      action();
    }, READ_ELSEWHERE);
    this.#waiting.set(message.id, { message, timer });
  }

  // With a `tag`, several tabs show one notification. Where push messages come, too, the service worker's
  // notification replaces this one, so it has to be one of the service worker as well.
  async #show(title, body, message) {
    const icon = document.querySelector("link[rel=icon]").href;
    const registration = await pushRegistration().catch(() => null);
    if (registration) return showMessage(registration, title, body, message, icon);
    const notification = new Notification(title, {
      body,
      tag: message.id,
      icon,
      silent: true, // the page has a sound of its own
    });
    this.#shown.set(message.id, { message, notification });
    notification.addEventListener("close", () => this.#shown.delete(message.id));
    notification.addEventListener("click", () => {
      focus();
      goTo(`/rooms/${message.room_id}?around=${message.seq}#message-${message.seq}`);
    });
  }

  #noteRead({ room_id: roomId, user_id: reader, seq }) {
    if (reader === document.querySelector("#main").dataset.me) this.#takeBackRead(roomId, seq);
  }

  // Messages may have been read elsewhere while there was no connection.
  #compare(rooms) {
    for (const { room, read_seq: readSeq } of rooms) this.#takeBackRead(room.id, readSeq);
  }

  #forget(messageId) {
    this.#takeBack(({ id }) => id === messageId);
  }

  #takeBackRead(roomId, readSeq) {
    this.#takeBack(({ room_id: each, seq }) => each === roomId && seq <= readSeq);
  }

  #takeBack(isOver) {
    for (const [id, { message, timer }] of this.#waiting) {
      if (!isOver(message)) continue;
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
    for (const [id, { message, notification }] of this.#shown) {
      if (!isOver(message)) continue;
      notification.close();
      this.#shown.delete(id);
    }
  }
}

function titleOf(kind, { author, room_id: roomId }) {
  const person = labelOf(author);
  if (kind === "mention") return t("{person} mentioned you", { person });
  if (kind === "direct") return t("{person} wrote to you", { person });
  const room = rowOf(roomId)?.querySelector(".room-item-name").textContent.trim();
  return room ? t("{person} in {room}", { person, room }) : t("Message from {person}", { person });
}
