// Who of the people on this page is online. Requested after each hello; then the server sends changes.

import { connection } from "./connection.js";

const MOST_ASKED = 200; // people in one request

// Events: "change" (detail: a person's id).
class Presences extends EventTarget {
  #statuses = new Map(); // person -> "online", "away" or "offline"
  #wanted = new Set(); // people on the page
  #unasked = new Set(); // those of them not requested since hello
  #isAsking = false;

  constructor() {
    super();
    connection.addEventListener("hello", () => this.#askAbout(this.#wanted));
    connection.addEventListener("presence", ({ detail }) =>
      this.#store(detail.user_id, detail.status),
    );
    connection.addEventListener("state", () => connection.isOpen || this.#forget());
  }

  // Undefined if it is not known, or without a connection.
  statusOf(id) {
    return this.#statuses.get(id);
  }

  want(id) {
    if (this.#wanted.has(id)) return;
    this.#wanted.add(id);
    this.#askAbout([id]);
  }

  // One request for all that are wanted in this moment.
  async #askAbout(ids) {
    for (const id of ids) this.#unasked.add(id);
    if (this.#isAsking || !connection.isOpen) return;
    this.#isAsking = true;
    await null;
    try {
      while (this.#unasked.size) await this.#ask([...this.#unasked].slice(0, MOST_ASKED));
    } catch (error) {
      console.warn(error.message); // the next hello asks again
    } finally {
      this.#isAsking = false;
    }
  }

  async #ask(ids) {
    const answer = await connection.send("presence:ask", { user_ids: ids });
    for (const id of ids) this.#unasked.delete(id);
    for (const [id, status] of Object.entries(answer.presences)) this.#store(id, status);
  }

  #store(id, status) {
    this.#statuses.set(id, status);
    this.dispatchEvent(new CustomEvent("change", { detail: id }));
  }

  #forget() {
    const ids = [...this.#statuses.keys()];
    this.#statuses.clear();
    for (const id of ids) this.dispatchEvent(new CustomEvent("change", { detail: id }));
  }
}

export const presences = new Presences();
