// Whether somebody types on keys or on glass. On glass there is no Shift+Enter.

const HAS_MOUSE = matchMedia("(pointer: fine)");
const COVERED = 0.25; // of the window, where a keyboard lies on it

// Whether this device is made for a keyboard.
export function hasKeyboard() {
  return HAS_MOUSE.matches;
}

// Whether its keyboard has ⌘ instead of Ctrl.
export function hasCommandKey() {
  return /^(Mac|iP)/.test(navigator.platform);
}

// Whether a key was pressed on a keyboard. A tablet has no mouse, but may have a keyboard: keys of a
// keyboard have a `code`. Keys on glass have none on Android. Safari may give them one, but its keyboard
// on glass covers the page. `(any-pointer: fine)` would mean phones with a pen, too.
export function isFromKeyboard({ code }) {
  const { visualViewport: sight } = globalThis;
  const isCovered = sight?.scale === 1 && innerHeight - sight.height > COVERED * innerHeight;
  return hasKeyboard() || (Boolean(code) && code !== "Unidentified" && !isCovered);
}

// Not before: going to the address’s #message-… takes the focus away.
export function focusOnceLoaded(field) {
  if (document.readyState === "complete") field.focus();
  else addEventListener("load", () => setTimeout(() => field.focus()), { once: true });
}
