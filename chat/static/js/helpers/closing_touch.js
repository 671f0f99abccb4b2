// A finger beside an open menu closes it, and does nothing else: what lies below was dimmed, or covered.
// With a mouse one sees what one points at, so that a click beside a menu does both.

const OPEN = "[popover]:popover-open";

export function closeMenusByTouch() {
  document.addEventListener("pointerdown", noteTouch, { capture: true });
}

function noteTouch(event) {
  const { target, pointerType, isPrimary } = event;
  const open = [...document.querySelectorAll(OPEN)];
  if (pointerType !== "touch" || !isPrimary || !open.length) return;
  if (open.some((menu) => menu.contains(target) || opensIt(target, menu))) return;
  event.stopPropagation(); // nothing below is held or swiped either
  const end = new AbortController();
  const { signal } = end;
  addEventListener("touchend", (lifted) => close(open, lifted, end), { signal, passive: false });
  addEventListener("pointercancel", () => end.abort(), { signal }); // it scrolls
}

// Without the default neither a click nor the focus follows. Some browsers have closed the menu
// already, others would close it by that click.
function close(menus, event, end) {
  event.preventDefault();
  menus.forEach((menu) => menu.hidePopover());
  end.abort();
}

function opensIt(target, { id }) {
  return id && target.closest("[popovertarget]")?.getAttribute("popovertarget") === id;
}
