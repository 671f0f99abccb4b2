// All emoji with their names and skin tones, in groups: fetched when they are needed first, and cached by
// the browser. An emoji: [emoji, tones, name, …].

const MOST_FOUND = 80; // more than anybody looks through

// From no skin tone to the darkest.
export const TONES = [
  "no skin tone",
  "light skin tone",
  "medium-light skin tone",
  "medium skin tone",
  "medium-dark skin tone",
  "dark skin tone",
];

let fetched = null;

// Resolves to the emoji by the names of their groups. Rejects when the chat cannot be reached; the next
// call tries again.
export function loadEmojiGroups() {
  fetched ??= fetchGroups().catch((error) => {
    fetched = null;
    throw error;
  });
  return fetched;
}

export async function loadEmoji() {
  return Object.values(await loadEmojiGroups()).flat();
}

// Returns emoji whose names contain every word. First those whose name begins so: one that is called just
// so, those that somebody used lately (`recent`, the latest first), then the shortest names, because
// `:wav` means a wave rather than a wavy dash. That something is a face says nothing.
export function searchEmoji(list, words, recent = []) {
  const wanted = words.toLowerCase().replaceAll(/[:_]/g, " ").trim().split(/\s+/).filter(Boolean);
  if (!wanted.length) return list.slice(0, MOST_FOUND);
  const beginning = wanted.join(" ");
  const used = (item) => recent.findIndex((emoji) => emoji === item[0] || item[1].includes(emoji));
  const rank = (item) => {
    const [, , ...names] = item;
    if (names.includes(beginning)) return -Infinity;
    const begun = names.filter((name) => name.startsWith(beginning));
    if (begun.length && used(item) >= 0) return used(item) - recent.length;
    return Math.min(...begun.map((name) => name.replace(/ face$/, "").length));
  };
  return list
    .filter(([, , ...names]) => wanted.every((word) => names.some((name) => name.includes(word))))
    .map((item) => ({ item, rank: rank(item) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : Number(one.rank > other.rank)))
    .map(({ item }) => item)
    .slice(0, MOST_FOUND);
}

// Returns [emoji, name], in a skin tone (an index of TONES) if the emoji has any.
export function inTone([emoji, tones, name], tone) {
  return tone && tones.length ? [tones[tone - 1], `${name}, ${TONES[tone]}`] : [emoji, name];
}

// Returns the place [group, index] where an arrow key leads from another one in a grid of groups with
// `lengths` emoji; null at its edges. `step`: [1, 0] right, [-1, 0] left, [0, 1] down, [0, -1] up.
export function placeInGrid(lengths, [group, index], [along, down], columns) {
  const flat = index + along + down * columns;
  const column = index % columns;
  const rowOf = (place) => Math.floor(place / columns);
  const last = lengths[group] - 1;
  if (flat >= 0 && flat <= last) return [group, flat];
  if (down > 0 && rowOf(index) < rowOf(last)) return [group, last];
  const isForward = along + down > 0;
  const next = isForward
    ? lengths.findIndex((length, at) => at > group && length)
    : lengths.findLastIndex((length, at) => at < group && length);
  if (next < 0) return null;
  const end = lengths[next] - 1;
  if (along) return [next, isForward ? 0 : end];
  return [next, Math.min(end, (isForward ? 0 : rowOf(end) * columns) + column)];
}

// The list of an earlier version had no groups, and may be in the browser's cache.
async function fetchGroups() {
  const response = await fetch("/emoji.json?grouped");
  if (!response.ok) throw new Error(`GET /emoji.json answered ${response.status}`);
  return response.json();
}
