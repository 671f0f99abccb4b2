// What the Enter key means at a place of a text. Changes are {start, end, text, select}: `text` replaces
// what is from start to end; then the text from select[0] to select[1] is selected.

const FENCE = /^[\s>]*(\x60{3,}|~{3,})(.*)$/; // \x60 is a backtick
const FENCE_AFTER_WORDS = /^[^\x60]*(\x60{3,})\s*$/;
const QUOTE = /^(?:>{1,2} )+/;
const ITEM = /^(\s*)(?:([-*])|(\d{1,9})([.)])) (\[[ xX]\] )?/;

// Whether a fence is open before `place`: there Enter breaks the line, as in any editor of code.
export function isInFence(text, place) {
  let open = "";
  for (const line of text.slice(0, place).split("\n")) {
    if (!open) open = fenceOpenedBy(line);
    else if (line.includes(open)) open = "";
  }
  return open !== "";
}

// Returns the change that breaks the line within a list, a quote or indented code; null where it is a
// plain line break.
export function lineBreak(text, place) {
  const start = text.lastIndexOf("\n", place - 1) + 1;
  const before = text.slice(start, place);
  if (isInFence(text, place)) return inserted(place, before.match(/^[ \t]*/)[0]);
  const { marks, next, outer } = marksOf(before);
  if (!marks) return null;
  const end = endOfLine(text, place);
  const isEmpty = !text.slice(start + marks.length, end).trim();
  if (isEmpty) return { start, end, text: outer, select: Array(2).fill(start + outer.length) };
  return inserted(place, next);
}

export function endOfLine(text, place) {
  const end = text.indexOf("\n", place);
  return end < 0 ? text.length : end;
}

// The text behind an opening fence is code, but the fence may close on the same line.
function fenceOpenedBy(line) {
  const [, fence, rest] = line.match(FENCE) ?? [];
  if (fence) return rest.includes(fence) ? "" : fence;
  return line.match(FENCE_AFTER_WORDS)?.[1] ?? "";
}

function inserted(place, beginning) {
  if (!beginning) return null;
  const text = `\n${beginning}`;
  return { start: place, end: place, text, select: Array(2).fill(place + text.length) };
}

// `marks` begin the line, `next` begins the next one, and `outer` remains when the item is empty.
function marksOf(line) {
  const [quote = ""] = line.match(QUOTE) ?? [];
  const item = line.slice(quote.length).match(ITEM);
  if (!item) return { marks: quote, next: quote, outer: "" };
  const [mark, indent, bullet, number, sign, box] = item;
  const next = `${quote}${indent}${bullet ?? Number(number) + 1 + sign} ${box ? "[ ] " : ""}`;
  return { marks: quote + mark, next, outer: quote };
}
