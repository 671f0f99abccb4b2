// Whether a page is read from right to left, as in Arabic and Hebrew.

export function isFromRightToLeft(element) {
  return getComputedStyle(element).direction === "rtl";
}

// The arrow keys that lead on and back in a row: { key: 1 or -1 }.
export function stepsAlong(element) {
  return isFromRightToLeft(element)
    ? { ArrowLeft: 1, ArrowRight: -1 }
    : { ArrowRight: 1, ArrowLeft: -1 };
}
