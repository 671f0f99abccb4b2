// The one Socket.IO connection of this page, and what it hears.

import { io } from "../../vendor/socket.io.js";
import { forgetRefresh, goToSignIn, refreshSession } from "../helpers/session.js";

const ANSWER_WITHIN = 10_000; // ms until an unanswered event counts as not sent; to send it again is safe
const REFUSED_RETRY = 2_000;  // ms

// The server's mistake, as it said it.
export class Refusal extends Error {
  constructor({ code, message, fields }) {
    super(fields ? Object.values(fields).join(" ") : message);
    this.code = code;
  }
}

// Events: "state" when it opens or closes, and every event of the server, its payload as `detail`.
class Connection extends EventTarget {
  #socket = io({ autoConnect: false, transports: ["websocket", "polling"], tryAllTransports: true });
  #refusals = 0;

  constructor() {
    super();
    this.#socket.onAny((name, payload) => this.#hear(name, payload));
    this.#socket.on("connect_error", (error) => this.#refused(error));
    this.#socket.on("disconnect", (reason) => this.#closed(reason));
  }

  open() {
    this.#socket.connect();
  }

  get isOpen() {
    return this.#socket.connected;
  }

  // The acknowledgement of an event. Throws Refusal with the server's reason, or Error when there was no answer.
  async send(name, payload) {
    const answer = await this.#socket.timeout(ANSWER_WITHIN).emitWithAck(name, payload);
    if (!answer.ok) throw new Refusal(answer.error);
    return answer;
  }

  #hear(name, payload) {
    if (name === "hello") {
      this.#refusals = 0;
      this.#tell("state");
    }
    this.#tell(name, payload);
  }

  #closed(reason) {
    this.#tell("state");
    if (reason === "io server disconnect") this.#refused({ message: "unauthenticated" }); // it does not come back by itself
  }

  // Socket.IO tries again by itself when the server is away, but not when it said no.
  async #refused({ message }) {
    this.#tell("state");
    if (this.#socket.active) return;
    if (message === "unauthenticated") {
      if (this.#refusals++) forgetRefresh();
      if (this.#refusals > 2 || !(await refreshSession())) return goToSignIn();
    }
    setTimeout(() => this.open(), this.#refusals > 1 || message !== "unauthenticated" ? REFUSED_RETRY : 0);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

export const connection = new Connection();
