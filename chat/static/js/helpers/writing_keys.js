// The keys of a field in which a message is written or edited: sending, line breaks, formats.

import { linkOver } from "../models/formats.js";
import { isInFence, lineBreak } from "../models/line_breaks.js";
import { isFromKeyboard } from "./keyboards.js";
import { enterSends } from "./preferences.js";
import { applyChange } from "./text_changes.js";
import { applyFormat, formatOf } from "./text_formats.js";

// Enter submits the form of the field.
export function listenToWriting(field) {
  field.form.addEventListener(
    "keydown",
    (event) => event.key === "Enter" && pressEnter(event, field),
  );
  field.addEventListener("beforeinput", (event) => breakLine(event, field));
  field.addEventListener("keydown", (event) => format(event, field));
  field.addEventListener("paste", (event) => pasteAddress(event, field));
}

// Enter sends and Shift+Enter breaks the line; on glass, in an open fence, and for who prefers it, Enter
// breaks it. With Ctrl or ⌘ it always sends.
function pressEnter(event, field) {
  const { target, shiftKey, ctrlKey, metaKey } = event;
  const mustSend = ctrlKey || metaKey;
  if (!mustSend && target !== field) return leaveField(event, field);
  const isBreak =
    shiftKey ||
    !enterSends() ||
    !isFromKeyboard(event) ||
    isInFence(field.value, field.selectionStart);
  if (!mustSend && isBreak) return;
  event.preventDefault();
  field.form.requestSubmit();
}

// The description of a picture is done; the browser would send the form.
function leaveField(event, field) {
  if (!event.target.matches("input[type=text]")) return;
  event.preventDefault();
  field.focus();
}

// Not by its key: on glass an Enter that also ends a word has none.
function breakLine(event, field) {
  if (event.inputType !== "insertLineBreak") return;
  const isPlace = field.selectionStart === field.selectionEnd;
  const change = isPlace && lineBreak(field.value, field.selectionStart);
  if (!change) return;
  event.preventDefault();
  applyChange(field, change);
}

function format(event, field) {
  const name = formatOf(event);
  if (!name) return;
  event.preventDefault();
  applyFormat(field, name);
}

// The browser pastes everything that is not an address over words.
function pasteAddress(event, field) {
  const pasted = event.clipboardData.getData("text/plain");
  const change = linkOver(field.value, field.selectionStart, field.selectionEnd, pasted);
  if (!change) return;
  event.preventDefault();
  applyChange(field, change);
}
