// What a person does to a message of the open room, and a sentence where it was refused.

import { connection } from "../models/connection.js";
import { getJson } from "./api.js";
import { t } from "../models/translation.js";

const NOTICE_LASTS = 6_000; // ms
const NOT_LOADED = t("The message could not be loaded. Try again when the connection is back.");

export class MessageActions {
  #notice;
  #timeline;
  #reading;
  #noticeTimer;

  // `element` is the timeline on the page; `timeline` what it knows, `reading` how far it is read.
  constructor(element, { timeline, reading }) {
    this.#notice = element.querySelector(".timeline-notice");
    this.#timeline = timeline;
    this.#reading = reading;
  }

  // Changes a message, and shows the result at once, or why it was refused. Resolves to whether it
  // was done.
  change(event, payload) {
    return this.#attempt(async () => {
      const { message } = await connection.send(event, payload);
      this.#timeline.acknowledge(message);
    });
  }

  mayMarkUnread({ dataset }) {
    return !this.#timeline.isPresent || this.#reading.hasOthersFrom(Number(dataset.seq));
  }

  markUnread({ dataset }) {
    return this.#attempt(() => this.#reading.markUnread(Number(dataset.seq)));
  }

  // Resolves to a message with its text as it was typed, or to null when it cannot be fetched now.
  async whole(message) {
    if (!message.isPartial) return message;
    try {
      return await getJson(`/messages/${message.id}`);
    } catch {
      this.showNotice(NOT_LOADED);
      return null;
    }
  }

  // A sentence about what somebody just did.
  showNotice(text) {
    this.#notice.textContent = text;
    this.#notice.hidden = false;
    clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => (this.#notice.hidden = true), NOTICE_LASTS);
  }

  async #attempt(action) {
    try {
      await action();
      return true;
    } catch (error) {
      this.showNotice(error.message);
      return false;
    }
  }
}
