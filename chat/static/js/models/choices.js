// What fits the words that somebody types to go somewhere: rooms, people and commands.

const MARKS = /\p{M}/gu;
const BREAKS = /[^\p{L}\p{N}]+/u;
const KINDS = { "#": "room", "@": "person", ">": "command" };
// Their words follow each other without spaces: any place in a name may begin one.
const UNSPACED = ["Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"];
const WITHOUT_SPACES = new RegExp(
  `[${UNSPACED.map((name) => String.raw`\p{Script=${name}}`).join("")}]`,
  "u",
);

const ALMOST = 10; // a rank
const AFTER = { command: 5 }; // added to a rank
const LEAST_WITH_SLIP = 4; // letters of a word that may have one

// Returns {kind, words}: the sign before the words says where to look; kind is null for everywhere.
export function wanted(text) {
  const trimmed = text.trim();
  const kind = KINDS[trimmed[0]] ?? null;
  return { kind, words: kind ? trimmed.slice(1).trim() : trimmed };
}

// Returns the choices that fit, best first; equally good ones keep their order: what is written as its
// name before what is a slip away from it, and commands after rooms and people. A choice has a kind, a
// name, and may have other names. Without words, all of the kind fit.
export function fitting(choices, { kind, words }) {
  return choices
    .filter((choice) => !kind || choice.kind === kind)
    .map((choice) => ({ choice, rank: rankOf(choice, words) + (AFTER[choice.kind] ?? 0) }))
    .filter(({ rank }) => rank < Infinity)
    .sort((one, other) => one.rank - other.rank)
    .map(({ choice }) => choice);
}

// Returns the rooms in the order in which they are offered before anything is typed: the one before
// this, so that Enter leads back; those that call, with unread direct messages or mentions; those seen
// last; unread ones; the others by their places in their lists. The one that is shown comes last.
// A room: {id, place, isCalling, isUnread}; `seen`: ids, the last first; `here`: the id that is shown.
export function inOfferedOrder(rooms, seen, here) {
  const before = seen.filter((id) => id !== here);
  const order = ({ id, isCalling, isUnread }) => {
    const seenAt = before.indexOf(id);
    if (id === here) return Infinity;
    if (seenAt === 0) return 0;
    if (isCalling) return 1;
    if (seenAt > 0) return 1 + seenAt;
    return 2 + before.length + (isUnread ? 0 : 1);
  };
  return rooms
    .map((room) => ({ room, at: order(room) }))
    .sort((one, other) => Math.sign(one.at - other.at) || one.room.place - other.room.place)
    .map(({ room }) => room);
}

// Whether the words are written as in the name of a choice.
export function fitsExactly(choice, words) {
  return rankOf(choice, words) < ALMOST;
}

function rankOf({ name, otherNames = [] }, words) {
  return Math.min(...[name, ...otherNames].map((each) => rank(folded(each), folded(words))));
}

// 0 for the whole name, 1 for its beginning, 2 for its words in their order, 3 in any order, ALMOST for
// words with slips.
function rank(name, words) {
  if (name === words) return 0;
  if (name.startsWith(words)) return 1;
  if (WITHOUT_SPACES.test(words) && name.includes(words)) return 2;
  const sought = partsOf(words);
  const parts = partsOf(name);
  if (sought.length === 0) return Infinity;
  if (areInOrder(sought, parts)) return 2;
  if (sought.every((word) => parts.some((part) => part.startsWith(word)))) return 3;
  return sought.every((word) => parts.some((part) => almostBegins(part, word))) ? ALMOST : Infinity;
}

// Whether one slip makes `word` another beginning of `part`: two letters in the wrong order, a wrong
// one, a missing one, or one too many. Short words would fit too much.
function almostBegins(part, word) {
  if (part.startsWith(word)) return true;
  if (word.length < LEAST_WITH_SLIP) return false;
  const at = [...word].findIndex((letter, i) => letter !== part[i]);
  const [typed, meant] = [word.slice(at), part.slice(at)];
  return [
    [typed[1] + typed[0] + typed.slice(2), meant],
    [typed.slice(1), meant.slice(1)],
    [typed, meant.slice(1)],
    [typed.slice(1), meant],
  ].some(([mended, rest]) => rest.startsWith(mended));
}

function areInOrder(sought, parts) {
  let next = 0;
  for (const part of parts) if (next < sought.length && part.startsWith(sought[next])) next += 1;
  return next === sought.length;
}

function partsOf(text) {
  return text.split(BREAKS).filter(Boolean);
}

// Without accents and capitals, as the server's fold_name.
function folded(text) {
  return text.normalize("NFKD").replace(MARKS, "").toLowerCase();
}
