// Who is writing in a room at the moment. The server says when somebody begins and stops; should it not come to say the
// second, it is forgotten by itself.

import { joined } from "./people.js";

const FORGOTTEN_AFTER = 8_000; // ms without a word
const MOST_NAMES = 3;

// Events: "change".
export class Writers extends EventTarget {
  #timers = new Map(); // person -> what forgets them
  #after;

  // after(ms, action) -> a function that calls it off
  constructor(after = afterwards) {
    super();
    this.#after = after;
  }

  // In the order in which they began.
  get ids() {
    return [...this.#timers.keys()];
  }

  hear(id, isWriting) {
    const before = this.#timers.get(id);
    before?.();
    if (isWriting)
      this.#timers.set(
        id,
        this.#after(FORGOTTEN_AFTER, () => this.hear(id, false)),
      );
    else this.#timers.delete(id);
    if (Boolean(before) !== isWriting) this.dispatchEvent(new Event("change"));
  }
}

// `Ada and Bob are typing…`; empty when nobody is.
export function sentence(names) {
  if (!names.length) return "";
  const shown = names.length > MOST_NAMES ? [...names.slice(0, MOST_NAMES), "others"] : names;
  return `${joined(shown)} ${shown.length === 1 ? "is" : "are"} typing…`;
}

function afterwards(delay, action) {
  const timer = setTimeout(action, delay);
  return () => clearTimeout(timer);
}
