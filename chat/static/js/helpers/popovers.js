// Opens a popover below an element (above it, if there is no room), where its row ends, or where that
// begins if `isAtTheStart`. On a narrow window the stylesheet places it.

import { isFromRightToLeft } from "./writing_direction.js";

const NARROW = matchMedia("(max-width: 44rem)");
const MARGIN = 8; // px

export function openAt(popover, anchor, { isAtTheStart = false } = {}) {
  popover.style.inset = "";
  popover.showPopover();
  if (NARROW.matches) return;
  const { top, bottom, left, right } = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = bottom + height + MARGIN <= innerHeight;
  const wanted = isAtTheStart !== isFromRightToLeft(anchor) ? left : right - width;
  const x = Math.max(MARGIN, Math.min(wanted, innerWidth - width - MARGIN));
  popover.style.inset = `${Math.max(MARGIN, below ? bottom : top - height)}px auto auto ${x}px`;
}
