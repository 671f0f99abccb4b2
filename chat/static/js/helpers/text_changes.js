// Changes the text of a field as if somebody typed it, so that undo takes it back, and a draft keeps it.

// `change` as in models/line_breaks.js.
export function applyChange(field, { start, end, text, select }) {
  field.focus();
  field.setSelectionRange(start, end);
  if (text) document.execCommand("insertText", false, text);
  else if (start !== end) document.execCommand("delete");
  field.setSelectionRange(...select);
}

// Inserts a text at the cursor, in place of the selection.
export function insertText(field, text) {
  field.focus();
  document.execCommand("insertText", false, text);
}
