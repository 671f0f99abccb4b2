// Letters that somebody types where nothing takes them go into a text, as in every chat.

const LETTER = /^[\p{L}\p{N}]$/u;
const EDITABLE = "input, textarea, select, [contenteditable]";
const OPEN = ":popover-open, dialog[open]";

// Focuses the text while the key goes down: the letter goes there.
export function typeAnywhereInto(text, signal) {
  document.addEventListener(
    "keydown",
    (event) => isLetterForNobody(event) && text.checkVisibility() && text.focus(),
    { signal },
  );
}

function isLetterForNobody({ key, target, ctrlKey, metaKey, altKey, defaultPrevented }) {
  if (defaultPrevented || ctrlKey || metaKey || altKey || !LETTER.test(key)) return false;
  return !target.closest?.(EDITABLE) && !document.querySelector(OPEN);
}
