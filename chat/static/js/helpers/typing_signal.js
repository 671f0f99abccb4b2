// Tells a room that somebody is typing: again while they go on, because others forget it, and once
// when nothing is left of the text.

import { connection } from "../models/connection.js";

const TELL_AGAIN = 3_000; // ms

export class TypingSignal {
  #roomId;
  #toldAt = -Infinity;

  constructor(roomId) {
    this.#roomId = roomId;
  }

  tell(isTyping) {
    const isKnown = performance.now() - this.#toldAt < TELL_AGAIN;
    const wasTold = this.#toldAt > -Infinity;
    if (isTyping ? isKnown : !wasTold) return;
    this.#toldAt = isTyping ? performance.now() : -Infinity;
    connection.send("room:typing", { room_id: this.#roomId, typing: isTyping }).catch(() => {}); // outdated once the connection is back
  }

  // The message itself ends it.
  end() {
    this.#toldAt = -Infinity;
  }
}
