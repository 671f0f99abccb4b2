// Opens a popover below an element (above it, if there is no room), aligned with its right edge, or with
// its left one if `isOnTheLeft`. On a narrow window the stylesheet places it.

const NARROW = matchMedia("(max-width: 44rem)");
const MARGIN = 8; // px

export function openAt(popover, anchor, { isOnTheLeft = false } = {}) {
  popover.style.inset = "";
  popover.showPopover();
  if (NARROW.matches) return;
  const { top, bottom, left, right } = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = bottom + height + MARGIN <= innerHeight;
  const wanted = isOnTheLeft ? left : right - width;
  const x = Math.max(MARGIN, Math.min(wanted, innerWidth - width - MARGIN));
  popover.style.inset = `${Math.max(MARGIN, below ? bottom : top - height)}px auto auto ${x}px`;
}
