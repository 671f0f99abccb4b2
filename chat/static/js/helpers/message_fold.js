// Folds the texts of long messages.

import { measures } from "./measures.js";

// Adds the switch to an element `.message`, or removes it. `isOpen`: shows the text whole at first.
export function showFold(element, { body, deleted_at: deletedAt }, template, isOpen) {
  const there = element.querySelector(".message-fold");
  if (deletedAt || !isLong(body)) return there?.remove();
  const fold = there ?? template.cloneNode(true);
  if (!there) element.querySelector(".message-body").after(fold);
  if (isOpen) switchOf(fold).checked = true;
}

// Shows the whole text of a message to which somebody is led.
export function unfold(element) {
  const fold = element.querySelector(".message-fold");
  if (fold) switchOf(fold).checked = true;
}

// routes/pages/measures.py computes the same.
function isLong(body) {
  const lengths = body.split("\n").map((line) => [...line].length);
  const lines = lengths.map((length) => 1 + Math.floor(length / measures.lineLength));
  return lines.reduce((sum, count) => sum + count, 0) > measures.mostLines;
}

function switchOf(fold) {
  return fold.querySelector(".message-fold-switch");
}
