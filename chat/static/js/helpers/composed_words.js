// Keys that belong to an input method: its Enter ends the composed word, its arrow keys and Escape
// choose and cancel characters. No listener of a page receives them.

const COMPOSED = 229; // the keyCode of a key that an input method used
const SAME_PRESS = 50; // ms between the two events of one press

let isPressed = false; // a key is down
let endedAt = -Infinity; // when a word ended before the event of its key, as in Safari

export function leaveComposedWordsAlone() {
  addEventListener("keydown", hold, { capture: true });
  addEventListener("keyup", () => (isPressed = false), { capture: true });
  addEventListener("compositionend", noteEnd, { capture: true });
}

function hold(event) {
  const hasJustEnded = event.timeStamp - endedAt < SAME_PRESS;
  isPressed = true;
  endedAt = -Infinity;
  if (event.isComposing || event.keyCode === COMPOSED || hasJustEnded) event.stopPropagation();
}

// Elsewhere the key event comes first. A Korean word may end with an Enter that comes twice; the
// second one is meant.
function noteEnd({ timeStamp }) {
  endedAt = isPressed ? -Infinity : timeStamp;
}
