// Where messages are written. Each gets a client_id before it is sent, so that sending it again says it once.

import { Refusal, connection } from "../models/connection.js";

const UNKNOWN_RETRY = 1_000; // ms until a message without an answer is sent again
const LATER = new Set(["unavailable", "rate_limited", "internal_error"]);

export class MessageComposer extends HTMLElement {
  #form;
  #body;
  #timelineElement;

  connectedCallback() {
    this.#form = this.querySelector("form");
    this.#body = this.querySelector("textarea");
    this.#timelineElement = document.querySelector("message-timeline");
    if (!this.#timelineElement?.timeline) return; // a page of the past: the form posts, and leads to the present
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#body.addEventListener("keydown", (event) => this.#sendOnEnter(event));
    this.#timelineElement.addEventListener("retry", ({ detail }) => this.#retry(detail));
    connection.addEventListener("hello", () => this.#sendAllAgain());
    if (matchMedia("(pointer: fine)").matches) this.#body.focus();
  }

  #submit(event) {
    event.preventDefault();
    const body = this.#body.value.trim();
    if (!body) return;
    const message = { client_id: newClientId(), body };
    this.#body.value = "";
    this.#timeline.expect(message);
    this.#send(message);
  }

  // Enter sends, Shift+Enter breaks the line; not while an input method composes a word.
  #sendOnEnter(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  async #send({ client_id, body }) {
    if (!connection.isOpen) return; // hello sends it again
    try {
      const { message } = await connection.send("message:send", { room_id: this.dataset.roomId, client_id, body });
      this.#timeline.acknowledge(message);
    } catch (error) {
      if (error instanceof Refusal && !LATER.has(error.code)) this.#timeline.fail(client_id, error.message);
      else setTimeout(() => this.#sendIfPending(client_id), UNKNOWN_RETRY);
    }
  }

  #sendIfPending(clientId) {
    const message = this.#timeline.pending.find((pending) => pending.client_id === clientId && pending.state === "sending");
    if (message) this.#send(message);
  }

  #retry(clientId) {
    this.#timeline.retry(clientId);
    this.#sendIfPending(clientId);
  }

  async #sendAllAgain() {
    for (const message of this.#timeline.pending) if (message.state === "sending") await this.#send(message);
  }

  get #timeline() {
    return this.#timelineElement.timeline;
  }
}

// 128 random bits; randomUUID is missing on plain http from another host.
function newClientId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
