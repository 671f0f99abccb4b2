// Whoever stands somewhere with the keyboard does not fall out of the page when that goes.

// Does something to an element. If the focus was in it and is nowhere then, it goes to `fallback`.
export function keepFocus(element, action, fallback = element) {
  const hadFocus = element.contains(document.activeElement);
  action();
  if (hadFocus && isLost(element)) focusOn(fallback);
}

// After a popover was closed by a click beside it: the focus is on nothing, or on what only
// surrounds the element.
export function focusAgain(element) {
  if (element.isConnected && document.activeElement.contains(element)) focusOn(element);
}

// A message that nobody reached with the keyboard yet takes the focus as well.
function focusOn(element) {
  element.focus({ preventScroll: true });
  if (document.activeElement === element) return;
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

// What is out of sight loses the focus, too, but only a moment later.
function isLost(element) {
  const { activeElement: focused } = document;
  if (focused === document.body) return true;
  return element.contains(focused) && !focused.checkVisibility({ visibilityProperty: true });
}
