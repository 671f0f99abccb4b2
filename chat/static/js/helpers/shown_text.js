// Changes a text only where it is another one: screen readers read each new node of the log aloud, though
// it says what was there before.

export function showText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
