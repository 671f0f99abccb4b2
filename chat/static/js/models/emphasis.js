// Signs of emphasis around a selected text. Each function returns a change, as in line_breaks.js.

export const CODE = "\x60"; // a backtick

// The longer one of two that begin alike comes first.
const SIGNS = ["**", "~~", "_", CODE, "*"];
const SAME = { "*": "_" };

// Puts a sign around the selection, or takes it away, whatever other signs stand between: `**` strong,
// `_` emphasis, `~~` struck, CODE. It does so in each line. Without a selection it sets the cursor
// between two signs; before the second one it steps over that.
export function emphasised(text, start, end, sign) {
  if (start === end) return withoutSelection(text, start, sign);
  const [from, to] = trimmed(text, start, end);
  if (!text.slice(from, to).includes("\n")) return inLine(layersOf(text, from, to), sign);
  return inLines(text, from, to, sign);
}

function inLine(layers, sign) {
  const { signs, outside } = layers;
  const code = sign === CODE ? -1 : signs.indexOf(CODE);
  const readable = code < 0 ? signs : signs.slice(0, code); // within code a sign is text
  const at = readable.findIndex((each) => isSame(each, sign));
  if (at < 0) {
    const place = Math.min(readable.length, outside);
    return changed(layers, signs.toSpliced(place, 0, sign), outside + 1);
  }
  return changed(layers, signs.toSpliced(at, 1), at < outside ? outside - 1 : outside);
}

function inLines(text, start, end, sign) {
  const lines = text.slice(start, end).split("\n");
  const layers = lines.map((line) => layersOf(line, ...trimmed(line, 0, line.length)));
  const isWritten = ({ start: from, end: to }) => from < to;
  const isDone = (each) => each.signs.some((other) => isSame(other, sign));
  const mustRemove = layers.filter(isWritten).every(isDone);
  const result = layers.map((each, index) => {
    const line = lines[index];
    if (!isWritten(each) || isDone(each) !== mustRemove) return line;
    const change = inLine(each, sign);
    return line.slice(0, change.start) + change.text + line.slice(change.end);
  });
  const put = result.join("\n");
  return { start, end, text: put, select: [start, start + put.length] };
}

// The signs around the words from `start` to `end`, the outer ones first; `outside` counts those that
// are not selected. `words` are within all of them.
function layersOf(text, from, to) {
  const signs = [];
  let [start, end] = [from, to];
  for (let sign; (sign = signAround(text, start, end));) {
    signs.unshift(sign);
    start -= sign.length;
    end += sign.length;
  }
  const outside = signs.length;
  let words = text.slice(from, to);
  for (let sign; (sign = signWithin(words)); words = words.slice(sign.length, -sign.length))
    signs.push(sign);
  return { start, end, signs, outside, words };
}

function signAround(text, start, end) {
  const before = text.slice(0, start);
  return SIGNS.find((sign) => before.endsWith(sign) && text.startsWith(sign, end));
}

function signWithin(words) {
  return SIGNS.find(
    (sign) => words.length > 2 * sign.length && words.startsWith(sign) && words.endsWith(sign),
  );
}

// The first `outside` signs are not selected.
function changed({ start, end, words }, signs, outside) {
  const text = signs.join("") + words + signs.toReversed().join("");
  const { length } = signs.slice(0, outside).join("");
  return { start, end, text, select: [start + length, start + text.length - length] };
}

function withoutSelection(text, place, sign) {
  const layers = layersOf(text, place, place);
  if (layers.signs.some((each) => isSame(each, sign))) return inLine(layers, sign);
  const after = closingAfter(text, place, sign);
  if (after) return { start: place, end: place, text: "", select: Array(2).fill(after) };
  const between = Array(2).fill(place + sign.length);
  return { start: place, end: place, text: sign + sign, select: between };
}

// Where the sign ends that stands after the cursor, maybe behind others; 0 if there is none.
function closingAfter(text, place, sign) {
  let at = place;
  for (let next; (next = SIGNS.find((each) => text.startsWith(each, at)));) {
    at += next.length;
    if (isSame(next, sign)) return at;
  }
  return 0;
}

// Signs beside a space emphasise nothing.
function trimmed(text, start, end) {
  const words = text.slice(start, end);
  const from = start + words.length - words.trimStart().length;
  return [Math.min(from, end), Math.max(from, end - words.length + words.trimEnd().length)];
}

function isSame(sign, other) {
  return (SAME[sign] ?? sign) === other;
}
