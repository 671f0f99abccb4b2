// The formats of a text, by the names that the buttons of the composer have; and their keys.

import { CODE, emphasised } from "../models/emphasis.js";
import { BULLETS, NUMBERS, QUOTE, fenced, linkBegun, marked } from "../models/formats.js";
import { applyChange } from "./text_changes.js";

const FORMATS = {
  bold: (...selection) => emphasised(...selection, "**"),
  italic: (...selection) => emphasised(...selection, "_"),
  strikethrough: (...selection) => emphasised(...selection, "~~"),
  code: inlineOrBlock,
  "code-block": fenced,
  quote: (...selection) => marked(...selection, QUOTE),
  list: (...selection) => marked(...selection, BULLETS),
  "numbered-list": (...selection) => marked(...selection, NUMBERS),
  link: linkBegun,
};
// By `code`, digits: with Shift the key of a digit is another sign.
const KEYS = { b: "bold", i: "italic", e: "code" };
const KEYS_WITH_SHIFT = {
  x: "strikethrough",
  Digit7: "numbered-list",
  Digit8: "list",
  Digit9: "quote",
};

export function applyFormat(field, name) {
  const { value, selectionStart, selectionEnd } = field;
  applyChange(field, FORMATS[name](value, selectionStart, selectionEnd));
}

// Returns the name of the format whose keys are pressed.
export function formatOf({ key, code, ctrlKey, metaKey, shiftKey, altKey }) {
  if (ctrlKey === metaKey || altKey) return undefined;
  const keys = shiftKey ? KEYS_WITH_SHIFT : KEYS;
  return keys[key.toLowerCase()] ?? keys[code];
}

function inlineOrBlock(text, start, end) {
  const isBlock = text.slice(start, end).trim().includes("\n");
  return isBlock ? fenced(text, start, end) : emphasised(text, start, end, CODE);
}
