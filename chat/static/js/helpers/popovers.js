// Opens a popover below an element (above it, if there is more room), where its row ends, or where that
// begins if `isAtTheStart`. It covers the element where the window is low. On a narrow window the
// stylesheet places it.

import { isFromRightToLeft } from "./writing_direction.js";

const NARROW = matchMedia("(max-width: 44rem)");
const MARGIN = 8; // px

export function openAt(popover, anchor, { isAtTheStart = false } = {}) {
  popover.style.inset = "";
  popover.showPopover();
  if (NARROW.matches) return;
  const { top, bottom, left, right } = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const [above, below] = [top - MARGIN, innerHeight - bottom - MARGIN];
  const isBelow = height <= below || below >= above;
  const y = within(isBelow ? bottom : top - height, innerHeight - height);
  const wanted = isAtTheStart !== isFromRightToLeft(anchor) ? left : right - width;
  popover.style.inset = `${y}px auto auto ${within(wanted, innerWidth - width)}px`;
}

function within(place, most) {
  return Math.max(MARGIN, Math.min(place, most - MARGIN));
}
