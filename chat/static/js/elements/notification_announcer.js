// Says that somebody is called: to screen readers at once, by the browser's own notification where nobody looks at the page.

import { connection } from "../models/connection.js";
import { labelOf } from "../models/people.js";

const LONGEST = 140; // characters of a message

export class NotificationAnnouncer extends HTMLElement {
  connectedCallback() {
    connection.addEventListener("notification", ({ detail }) => this.#announce(detail));
  }

  #announce({ kind, message }) {
    const isSeen = document.visibilityState === "visible" && document.querySelector("room-list").dataset.current === message.room_id;
    if (isSeen) return; // the log of messages tells it
    const said = [...message.body].slice(0, LONGEST).join("");
    const title = `${labelOf(message.author)} ${kind === "direct" ? "wrote to you" : "mentioned you"}`;
    this.textContent = `${title}: ${said}`;
    if (document.visibilityState !== "visible" && globalThis.Notification?.permission === "granted") this.#show(title, said, message);
  }

  // `tag`: of several tabs that hear it, one notification remains.
  #show(title, body, message) {
    const notification = new Notification(title, { body, tag: message.id, icon: "/static/icons/chat.svg" });
    notification.addEventListener("click", () => {
      focus();
      location.assign(`/rooms/${message.room_id}?around=${message.seq}#message-${message.seq}`);
    });
  }
}
