// The one Socket.IO connection of this page, and the events it receives.

import { io } from "../../vendor/socket.io.js";
import { delayAfter, wait } from "../helpers/backoff.js";
import { forgetRefresh, goToSignIn, refreshSession } from "../helpers/session.js";
import { Refusal, isPassing } from "./refusal.js";

const ANSWER_WITHIN = 10_000; // ms until an unanswered event counts as not sent; sending it again is safe
const DURABLE = new Set([
  "message:posted",
  "message:edited",
  "message:deleted",
  "message:reacted",
  "message:pinned",
]);

// Events: "state" when it opens or closes, "entry" for each entry of a room's log, and every event of
// the server, with its payload as `detail`.
class Connection extends EventTarget {
  #socket = io({
    autoConnect: false,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    timeout: 10_000,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
    randomizationFactor: 0.5,
  });
  #person;
  #isGreeted = false;
  #isLeaving = false;
  #refusals = 0;

  constructor() {
    super();
    this.#socket.onAny((name, payload) => this.#receive(name, payload));
    this.#socket.on("connect_error", (error) => this.#refused(error));
    this.#socket.on("disconnect", (reason) => this.#closed(reason));
    addEventListener("online", () => this.#comeBack());
    document.addEventListener(
      "visibilitychange",
      () => document.visibilityState === "visible" && this.#comeBack(),
    );
  }

  // `person` is the id of the person whose page this is.
  open(person) {
    this.#person = person;
    this.#socket.connect();
  }

  // The person signs out here. The server then ends the connection before its answer leads away.
  leave() {
    this.#isLeaving = true;
  }

  // Whether the server has sent hello, to this person.
  get isOpen() {
    return this.#isGreeted;
  }

  // Resolves to the acknowledgement. Rejects with a Refusal, or with an Error if there was no answer.
  async send(name, payload) {
    if (!this.isOpen) throw new Error("There is no connection.");
    const answer = await this.#socket
      .timeout(ANSWER_WITHIN)
      .emitWithAck(name, payload)
      .catch((error) => this.#hangUp(error));
    if (!answer.ok) throw new Refusal(answer.error);
    return answer;
  }

  // Likewise, but tries until there is an answer: after pauses, and when the connection is back.
  async insist(name, payload) {
    for (let failures = 1; ; failures++) {
      try {
        return await this.send(name, payload);
      } catch (error) {
        if (!isPassing(error)) throw error;
        await (this.isOpen ? wait(delayAfter(failures, error.retryAfter)) : this.#opened());
      }
    }
  }

  // A connection without an answer is dead, though nobody closed it: open another one.
  #hangUp(error) {
    if (this.#socket.connected) this.#socket.io.engine.close();
    throw error;
  }

  #opened() {
    return new Promise((resolve) => this.addEventListener("hello", resolve, { once: true }));
  }

  #receive(name, payload) {
    if (name === "hello" && !this.#greet(payload.user)) return;
    if (DURABLE.has(name)) this.#emit("entry", payload);
    this.#emit(name, payload);
  }

  // Somebody else may have signed in in another tab: this page and its drafts are not theirs.
  #greet(user) {
    if (user.id !== this.#person) {
      this.#socket.disconnect();
      location.reload();
      return false;
    }
    this.#refusals = 0;
    this.#isGreeted = true;
    this.#emit("state");
    return true;
  }

  #closed(reason) {
    if (this.#isLeaving) return;
    this.#isGreeted = false;
    this.#emit("state");
    if (reason === "io server disconnect") this.#refused({ message: "unauthenticated" }); // Socket.IO does not reconnect then
  }

  // Socket.IO reconnects by itself when the server is away, but not after a refusal.
  async #refused({ message }) {
    this.#emit("state");
    if (this.#socket.active) return;
    this.#refusals++;
    if (message === "unauthenticated") {
      if (this.#refusals > 1) forgetRefresh();
      if (!(await refreshSession())) return goToSignIn();
    }
    if (this.#refusals > 1 || message !== "unauthenticated") await wait(delayAfter(this.#refusals));
    if (!this.#socket.active) this.#socket.connect();
  }

  // The device is online again, or somebody looks: reconnect now, not when the next try is due.
  #comeBack() {
    if (this.#person && !this.#socket.connected) this.#socket.disconnect().connect();
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

export const connection = new Connection();
