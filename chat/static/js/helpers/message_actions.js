// What a person does to a message of the open room, and a sentence where it was refused.

import { connection } from "../models/connection.js";
import { Refusal } from "../models/refusal.js";
import { getJson } from "./api.js";
import { t } from "../models/translation.js";

const NOTICE_LASTS = 6_000; // ms
const PATIENCE = 1_000; // ms for which an action may wait for its answer without a word
const WAITING = t("Not sent yet: waiting for the connection.");
const NOT_SENT = t("This was not sent. Try again when the connection is back.");
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
    const waiting = setTimeout(() => this.showNotice(WAITING), PATIENCE);
    try {
      await action();
      if (this.#notice.textContent === WAITING) this.#notice.hidden = true;
      return true;
    } catch (error) {
      this.showNotice(error instanceof Refusal ? error.message : NOT_SENT);
      return false;
    } finally {
      clearTimeout(waiting);
    }
  }
}
