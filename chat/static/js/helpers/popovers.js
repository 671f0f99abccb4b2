// Opens a popover below an element (above it, if there is more room), where its row ends, or where that
// begins if `isAtTheStart`. It is as high as there is room. On a narrow window the stylesheet places it.

import { isFromRightToLeft } from "./writing_direction.js";

const NARROW = matchMedia("(max-width: 44rem)");
const MARGIN = 8; // px

export function openAt(popover, anchor, { isAtTheStart = false } = {}) {
  popover.style.inset = "";
  popover.style.maxHeight = "";
  popover.showPopover();
  if (NARROW.matches) return;
  const { top, bottom, left, right } = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const [above, below] = [top - MARGIN, innerHeight - bottom - MARGIN];
  const isBelow = height <= below || below >= above;
  const most = Math.min(height, isBelow ? below : above);
  if (most < height) popover.style.maxHeight = `${most}px`;
  const wanted = isAtTheStart !== isFromRightToLeft(anchor) ? left : right - width;
  const x = Math.max(MARGIN, Math.min(wanted, innerWidth - width - MARGIN));
  popover.style.inset = `${isBelow ? bottom : top - most}px auto auto ${x}px`;
}
