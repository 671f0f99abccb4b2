// Keeps the keyboard focus on the page when the focused element disappears.

// Runs an action on an element. If that had the focus and loses it, `fallback` gets it.
export function keepFocus(element, action, fallback = element) {
  const hadFocus = element.contains(document.activeElement);
  action();
  if (hadFocus && isLost(element)) focusOn(fallback);
}

// Focuses an element after a click beside a popover closed that: the focus is nowhere then, or on an
// ancestor of the element.
export function focusAgain(element) {
  if (element.isConnected && document.activeElement.contains(element)) focusOn(element);
}

// A message that is no tab stop yet can get the focus, too.
export function focusOn(element) {
  element.focus({ preventScroll: true });
  if (document.activeElement === element) return;
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

// A hidden element loses the focus as well, but only a moment later.
function isLost(element) {
  const { activeElement: focused } = document;
  if (focused === document.body) return true;
  return element.contains(focused) && !focused.checkVisibility({ visibilityProperty: true });
}
