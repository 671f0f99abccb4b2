// Keys that belong to an input method, by which a word is composed: its Enter ends the word and
// means nothing else, its arrow keys and Escape choose and give up signs. They reach nobody here,
// wherever on a page somebody writes.

const COMPOSED = 229; // the keyCode of a key that an input method took
const SAME_PRESS = 50; // ms between the two events of one press

let isPressed = false; // a key is down
let endedAt = -Infinity; // when a word ended before its key was told, as Safari does it

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

// Elsewhere the key is told first. A Korean word may end by an Enter that is told once more, and
// then is meant.
function noteEnd({ timeStamp }) {
  endedAt = isPressed ? -Infinity : timeStamp;
}
