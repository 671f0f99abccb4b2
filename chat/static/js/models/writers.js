// Who is typing in a room now. The server reports when somebody begins and stops; if the second report
// is missing, it ends by itself.

import { joined } from "./people.js";
import { plural, t } from "./translation.js";

const FORGOTTEN_AFTER = 8_000; // ms without a report
const MOST_NAMES = 3;

// Events: "change".
export class Writers extends EventTarget {
  #timers = new Map(); // person -> a function that stops the timer
  #after;

  // after(ms, action) -> a function that stops the timer
  constructor(after = afterwards) {
    super();
    this.#after = after;
  }

  // In the order in which they began to type.
  get ids() {
    return [...this.#timers.keys()];
  }

  set(id, isWriting) {
    const before = this.#timers.get(id);
    before?.();
    if (isWriting)
      this.#timers.set(
        id,
        this.#after(FORGOTTEN_AFTER, () => this.set(id, false)),
      );
    else this.#timers.delete(id);
    if (Boolean(before) !== isWriting) this.dispatchEvent(new Event("change"));
  }
}

// Returns `Ada and Bob are typing…`, or an empty text.
export function sentence(names) {
  if (!names.length) return "";
  const shown = names.length > MOST_NAMES ? [...names.slice(0, MOST_NAMES), t("others")] : names;
  return plural("{names} is typing…", "{names} are typing…", shown.length, {
    names: joined(shown),
  });
}

function afterwards(delay, action) {
  const timer = setTimeout(action, delay);
  return () => clearTimeout(timer);
}
