// Opens a popover beside an element, within the window. On a narrow window the stylesheet places it.

const NARROW = matchMedia("(max-width: 44rem)");
const MARGIN = 8; // px

export function openAt(popover, anchor) {
  popover.style.inset = "";
  popover.showPopover();
  if (NARROW.matches) return;
  const { top, bottom, right } = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = bottom + height + MARGIN <= innerHeight;
  const left = Math.max(MARGIN, Math.min(right - width, innerWidth - width - MARGIN));
  popover.style.inset = `${Math.max(MARGIN, below ? bottom : top - height)}px auto auto ${left}px`;
}
