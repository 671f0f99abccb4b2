// Formats of a selected text: emphasis, code, quotes, lists and links. Each function returns a change,
// as in line_breaks.js.

import { endOfLine, isInFence } from "./line_breaks.js";

export const CODE = "\x60"; // a backtick

const FENCE = CODE.repeat(3);
const ADDRESS = /^(?:https?:\/\/|mailto:)\S+$/i;
const PLACEHOLDER = "url";

// Puts a sign around the selection, or takes it away: `**` strong, `_` emphasis, `~~` struck, CODE.
// Without a selection it sets the cursor between two signs; before the second one it steps over that.
export function emphasised(text, start, end, sign) {
  if (start === end) return betweenSigns(text, start, sign);
  const { from, to } = trimmed(text, start, end);
  const words = text.slice(from, to);
  const { length } = sign;
  const isAround = text.slice(from - length, from) === sign && text.startsWith(sign, to);
  if (isAround && from >= length) return replaced(from - length, to + length, words);
  if (isWrapped(words, sign)) return replaced(from, to, words.slice(length, -length));
  if (sign === CODE && words.includes("\n")) return fenced(text, from, to);
  const wrapped = words.split("\n").map((line) => wrap(line, sign));
  return replaced(from, to, wrapped.join("\n"), isOneLine(words) ? length : 0);
}

// Puts a mark before each selected line, or takes it away: `> ` a quote, `- ` a list.
export function marked(text, start, end, mark) {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const to = endOfLine(text, end);
  const lines = text.slice(from, to).split("\n");
  const isMarked = lines.every((line) => line.startsWith(mark));
  const changed = lines
    .map((line) => (isMarked ? line.slice(mark.length) : mark + line))
    .join("\n");
  if (start !== end) return replaced(from, to, changed);
  const place = Math.max(from, start + (isMarked ? -mark.length : mark.length));
  return { start: from, end: to, text: changed, select: [place, place] };
}

// A link whose address is still to be written: it is selected.
export function linkBegun(text, start, end) {
  const words = text.slice(start, end);
  const link = ADDRESS.test(words) ? `[](${words})` : `[${words}](${PLACEHOLDER})`;
  const address = start + link.length - 1 - PLACEHOLDER.length;
  if (ADDRESS.test(words)) return { start, end, text: link, select: [start + 1, start + 1] };
  if (!words) return { start, end, text: link, select: [start + 1, start + 1] };
  return { start, end, text: link, select: [address, address + PLACEHOLDER.length] };
}

// An address that is pasted over words becomes their link. Returns null where it is only text: in code,
// over another address, over several lines, or as the address of a link.
export function linkOver(text, start, end, pasted) {
  const words = text.slice(start, end);
  const isLink = ADDRESS.test(pasted.trim()) && words.trim() && isOneLine(words);
  if (!isLink || ADDRESS.test(words.trim()) || text.slice(0, start).endsWith("](")) return null;
  if (isInFence(text, start) || isInCode(text, start)) return null;
  const address = pasted.trim().replaceAll("(", "%28").replaceAll(")", "%29");
  const link = `[${words}](${address})`;
  return { start, end, text: link, select: Array(2).fill(start + link.length) };
}

// Whether a sign of code is open on the line before `place`.
export function isInCode(text, place) {
  const line = text.slice(text.lastIndexOf("\n", place - 1) + 1, place);
  return line.split(CODE).length % 2 === 0;
}

function betweenSigns(text, place, sign) {
  const { length } = sign;
  const isBefore = text.startsWith(sign, place);
  const isAfter = text.slice(0, place).endsWith(sign);
  if (isBefore && isAfter) return replaced(place - length, place + length, "");
  const after = Array(2).fill(place + length);
  return { start: place, end: place, text: isBefore ? "" : sign + sign, select: after };
}

// Signs beside a space emphasise nothing.
function trimmed(text, start, end) {
  const words = text.slice(start, end);
  const from = start + words.length - words.trimStart().length;
  return {
    from: Math.min(from, end),
    to: Math.max(from, end - words.length + words.trimEnd().length),
  };
}

function fenced(text, from, to) {
  const before = from > 0 && text[from - 1] !== "\n" ? "\n" : "";
  const after = to < text.length && text[to] !== "\n" ? "\n" : "";
  return replaced(from, to, `${before}${FENCE}\n${text.slice(from, to)}\n${FENCE}${after}`);
}

function wrap(line, sign) {
  const words = line.trim();
  return words ? line.replace(words, () => sign + words + sign) : line;
}

function isWrapped(words, sign) {
  return words.length > 2 * sign.length && words.startsWith(sign) && words.endsWith(sign);
}

function isOneLine(words) {
  return !words.includes("\n");
}

// `inner`: how many characters at both ends are not selected.
function replaced(start, end, text, inner = 0) {
  return { start, end, text, select: [start + inner, start + text.length - inner] };
}
