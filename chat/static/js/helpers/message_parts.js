// Links and buttons in messages. They are no stops of the Tab key: from a message to the text would be
// hundreds. Arrow keys lead to them from their message; screen readers read them as ever. Only code
// and tables that do not fit stay stops: keys scroll them.

export const MENTION = ".mention[data-user-id]";
const WIDE = "pre, .message-table";
const STOPS = `a, button, summary, .message-fold-switch, ${MENTION}`;
const PARTS = `${STOPS}, ${WIDE}`;
const WITH_STOPS = "message-editor"; // a form of its own
const UNSEEN = ".message-continues .message-author"; // only screen readers read it there

// Takes links and buttons of all messages of a list out of the order of the Tab key, those that come,
// too.
export function takeOutOfTabOrder(list) {
  takeOut(list);
  const observer = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) takeOut(node);
  });
  observer.observe(list, { childList: true, subtree: true });
}

// The parts that can be used now.
export function partsOf(message) {
  return [...message.querySelectorAll(PARTS)].filter(
    (part) =>
      !part.closest(WITH_STOPS) &&
      !part.matches(UNSEEN) &&
      (!part.matches(WIDE) || overflows(part)) &&
      part.checkVisibility({ visibilityProperty: true }) &&
      (!part.matches("a") || part.hasAttribute("href")),
  );
}

// The part of a message that has the focus; null for an editor.
export function partAt(target) {
  return target.closest(WITH_STOPS) ? null : target.closest(PARTS);
}

// Whether ← and → scroll it.
export function isScrollable(part) {
  return part.matches(WIDE) && part.scrollWidth > part.clientWidth;
}

// The text of a message as the server sends it.
export function sentHtml(body) {
  const copy = body.cloneNode(true);
  for (const part of copy.querySelectorAll(STOPS)) part.removeAttribute("tabindex");
  for (const part of copy.querySelectorAll(WIDE)) part.tabIndex = 0;
  for (const mention of copy.querySelectorAll(MENTION)) mention.removeAttribute("role");
  return copy.innerHTML;
}

function takeOut(node) {
  if (node.nodeType !== Node.ELEMENT_NODE || node.closest(WITH_STOPS)) return;
  const within = (parts) => [
    ...node.querySelectorAll(parts),
    ...(node.matches(parts) ? [node] : []),
  ];
  within(WIDE).forEach(followSize);
  const parts = within(STOPS);
  for (const part of parts) if (!part.closest(WITH_STOPS)) part.tabIndex = -1;
  for (const part of parts) if (part.matches(MENTION)) part.setAttribute("role", "button");
}

let sizes = null;

function followSize(part) {
  sizes ??= new ResizeObserver((changes) => {
    for (const { target } of changes) target.tabIndex = overflows(target) ? 0 : -1;
  });
  sizes.observe(part);
}

function overflows({ scrollWidth, clientWidth, scrollHeight, clientHeight }) {
  return scrollWidth > clientWidth || scrollHeight > clientHeight;
}
