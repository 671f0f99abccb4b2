// All emoji with their names and skin tones: fetched at the first search, and cached by the browser.

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

let listed = null;

// Rejects when the chat cannot be reached; the next call tries again.
export function loadEmoji() {
  listed ??= fetchList().catch((error) => {
    listed = null;
    throw error;
  });
  return listed;
}

// Returns emoji whose names contain every word: those that begin so first, and of them the shortest
// names, because `:wav` means a wave rather than a wavy dash. `list`: [emoji, tones, name, …].
export function searchEmoji(list, words) {
  const wanted = words.toLowerCase().replaceAll(/[:_]/g, " ").trim().split(/\s+/).filter(Boolean);
  if (!wanted.length) return list.slice(0, MOST_FOUND);
  const beginning = wanted.join(" ");
  const rank = ([, , ...names]) =>
    Math.min(...names.map((name) => (name.startsWith(beginning) ? name.length : Infinity)));
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

async function fetchList() {
  const response = await fetch("/emoji.json");
  if (!response.ok) throw new Error(`GET /emoji.json answered ${response.status}`);
  return response.json();
}
