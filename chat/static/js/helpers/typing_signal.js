// Reports to a room that somebody is typing: again while they go on, because others forget it, and once
// when nothing is left of the text.

import { connection } from "../models/connection.js";

const REPORT_AGAIN = 3_000; // ms

export class TypingSignal {
  #roomId;
  #reportedAt = -Infinity;

  constructor(roomId) {
    this.#roomId = roomId;
  }

  report(isTyping) {
    const isKnown = performance.now() - this.#reportedAt < REPORT_AGAIN;
    const wasReported = this.#reportedAt > -Infinity;
    if (isTyping ? isKnown : !wasReported) return;
    this.#reportedAt = isTyping ? performance.now() : -Infinity;
    connection.send("room:typing", { room_id: this.#roomId, typing: isTyping }).catch(() => {}); // outdated once the connection is back
  }

  // The message itself ends it.
  end() {
    this.#reportedAt = -Infinity;
  }
}
