// The unacknowledged messages of one person in this browser. All their tabs share it, and it outlives
// them.
//
// One tab at a time sends the messages of a room, in the order of writing, each with the same
// client_id on every try: the server stores it once. The outbox repeats what failed temporarily; what
// the server refuses waits until the person decides.

import { delayAfter, wait } from "../helpers/backoff.js";
import { isPassing } from "./refusal.js";

// Events: "change" (see `unsent`), "sent" (detail: the server's message).
export class Outbox extends EventTarget {
  #owner;
  #store;
  #channel;
  #withLock;
  #send;
  #pause;
  #unsent = [];
  #asked = 0; // the number of reads of the store that began
  #answered = 0; // the newest of these that has ended
  #line = null; // aborted when the connection closes; null before it opened
  #lanes = new Map(); // room_id -> the actions of this tab there, one after another

  // send(payload) -> the server's message; rejects with a Refusal, or with another error if there was
  // no answer.
  constructor({ owner, store, channel, withLock, send, pause = wait }) {
    super();
    this.#owner = owner;
    this.#store = store;
    this.#channel = channel;
    this.#withLock = withLock;
    this.#send = send;
    this.#pause = pause;
    this.#channel.addEventListener("message", ({ data }) => this.#receive(data));
  }

  // In the order of writing: {room_id, client_id, body, images, reply_to, written_at, state, problem,
  // reason}. `state` is "waiting", then `reason` is the code of what the server said at the last try;
  // or "failed", then `problem` is the server's sentence.
  get unsent() {
    return this.#unsent;
  }

  // Reads the store: at the start, and whenever another tab may have changed it.
  async refresh() {
    const number = ++this.#asked;
    const unsent = await this.#store.list(this.#owner);
    if (number < this.#answered) return; // a later read has ended before, and is newer
    this.#answered = number;
    this.#unsent = unsent;
    this.#emit("change");
  }

  async add(message) {
    await this.#store.add({ ...message, owner: this.#owner, state: "waiting", problem: "" });
    await this.#announce();
    this.#run(message.room_id);
  }

  async retry(clientId) {
    const message = this.#find(clientId);
    if (!message) return;
    await this.#store.change(message.position, { state: "waiting", problem: "", reason: "" });
    await this.#announce();
    this.#run(message.room_id);
  }

  // Removes a message without sending it.
  async discard(clientId) {
    const message = this.#find(clientId);
    if (message) await this.#store.remove(message.position);
    await this.#announce();
  }

  // Removes all messages: the person signs out.
  async clear() {
    for (const { position } of await this.#store.list(this.#owner))
      await this.#store.remove(position);
    await this.#announce();
  }

  // The connection has opened, as this person.
  resume() {
    this.#line?.abort();
    this.#line = new AbortController();
    this.#runAll();
  }

  // The connection has closed.
  suspend() {
    this.#line?.abort();
  }

  async #receive({ sent }) {
    if (sent) this.#emit("sent", sent);
    await this.refresh();
    this.#runAll(); // the tab that wrote it may have no connection
  }

  #runAll() {
    for (const roomId of new Set(this.#waiting.map((message) => message.room_id)))
      this.#run(roomId);
  }

  #run(roomId) {
    const act = () =>
      this.#isOpen &&
      this.#withLock(`chat-outbox-${this.#owner}-${roomId}`, () => this.#sendWaiting(roomId));
    this.#lanes.set(roomId, (this.#lanes.get(roomId) ?? Promise.resolve()).then(act, act));
  }

  async #sendWaiting(roomId) {
    for (let failures = 0; this.#isOpen;) {
      await this.refresh(); // another tab may have sent it, or written more
      const message = this.#waiting.find((waiting) => waiting.room_id === roomId);
      if (!message || !this.#isOpen) return;
      const { sent, error } = await this.#try(message);
      if (sent) await this.#settle(message, sent);
      else if (!isPassing(error)) await this.#fail(message, error.message);
      failures = sent ? 0 : failures + 1;
      if (error && isPassing(error)) await this.#delay(message, error, failures);
    }
  }

  async #try({ room_id, client_id, body, images, reply_to: answered }) {
    try {
      const reply = answered && { reply_to_id: answered.id };
      return {
        sent: await this.#send({
          room_id,
          client_id,
          body,
          image_ids: images.map(({ id }) => id),
          ...reply,
        }),
      };
    } catch (error) {
      return { error };
    }
  }

  // Without an answer the reason is the connection, of which the page tells elsewhere.
  async #delay({ position, reason: before = "" }, { code: reason = "", retryAfter }, failures) {
    if (reason !== before) {
      await this.#store.change(position, { reason });
      await this.#announce();
    }
    await this.#pause(delayAfter(failures, retryAfter), this.#line.signal);
  }

  async #settle({ position }, sent) {
    await this.#store.remove(position);
    this.#emit("sent", sent);
    await this.#announce({ sent });
  }

  async #fail({ position }, problem) {
    await this.#store.change(position, { state: "failed", problem });
    await this.#announce();
  }

  async #announce(news = {}) {
    this.#channel.postMessage(news);
    await this.refresh();
  }

  #find(clientId) {
    return this.#unsent.find((message) => message.client_id === clientId);
  }

  get #waiting() {
    return this.#unsent.filter(({ state }) => state === "waiting");
  }

  get #isOpen() {
    return this.#line !== null && !this.#line.signal.aborted;
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
