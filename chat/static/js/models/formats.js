// Formats of lines, and links. Each function returns a change, as in line_breaks.js.

import { CODE } from "./emphasis.js";
import { endOfLine, isInFence } from "./line_breaks.js";

const FENCE = CODE.repeat(3);
const ADDRESS = /^(?:https?:\/\/|mailto:)\S+$/i;
const PLACEHOLDER = "url";

export const QUOTE = { mark: () => "> ", pattern: /^> / };
export const BULLETS = { mark: () => "- ", pattern: /^[-*] / };
export const NUMBERS = { mark: (index) => `${index + 1}. `, pattern: /^\d{1,9}[.)] / };
const LISTS = [BULLETS, NUMBERS];

// Puts a mark before each selected line, or takes it away: QUOTE, BULLETS or NUMBERS. A list of one
// kind becomes one of the other.
export function marked(text, start, end, kind) {
  const { from, to } = wholeLines(text, start, end);
  const lines = text.slice(from, to).split("\n");
  const isMarked = lines.every((line) => kind.pattern.test(line));
  const kinds = LISTS.includes(kind) ? LISTS : [kind];
  const bare = lines.map((line) =>
    kinds.reduce((rest, each) => rest.replace(each.pattern, ""), line),
  );
  const changed = isMarked ? bare : bare.map((line, index) => kind.mark(index) + line);
  const put = changed.join("\n");
  if (start !== end) return { start: from, end: to, text: put, select: [from, from + put.length] };
  const place = Math.max(from, start + put.length - (to - from));
  return { start: from, end: to, text: put, select: [place, place] };
}

// Puts fences around the selected lines, or takes them away.
export function fenced(text, start, end) {
  const { from, to } = wholeLines(text, start, end);
  const lines = text.slice(from, to);
  const before = text.slice(0, from).match(/(?:^|\n)(\x60{3}[^\x60\n]*\n)$/)?.[1];
  const after = text.slice(to).match(/^\n\x60{3}(?=\n|$)/)?.[0];
  if (before && after) return replaced(from - before.length, to + after.length, lines);
  const within = lines.match(/^\x60{3}[^\x60\n]*\n(?:([^]*)\n)?\x60{3}$/);
  if (within) return replaced(from, to, within[1] ?? "");
  const put = `${FENCE}\n${lines}\n${FENCE}`;
  if (start !== end) return replaced(from, to, put);
  return { start: from, end: to, text: put, select: Array(2).fill(start + FENCE.length + 1) };
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

function wholeLines(text, start, end) {
  return { from: text.lastIndexOf("\n", start - 1) + 1, to: endOfLine(text, end) };
}

function isOneLine(words) {
  return !words.includes("\n");
}

function replaced(start, end, text) {
  return { start, end, text, select: [start, start + text.length] };
}
