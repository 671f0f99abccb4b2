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

// Returns emoji whose names contain every word, those that begin with it first. `list`:
// [emoji, tones, name, …].
export function searchEmoji(list, words) {
  const wanted = words.toLowerCase().replaceAll(/[:_]/g, " ").trim().split(/\s+/).filter(Boolean);
  const found = list.filter(([, , ...names]) =>
    wanted.every((word) => names.some((name) => name.includes(word))),
  );
  const rank = ([, , ...names]) =>
    names.includes(wanted.join(" "))
      ? 0
      : names.some((name) => name.startsWith(wanted[0] ?? ""))
        ? 1
        : 2;
  return found.sort((one, other) => rank(one) - rank(other)).slice(0, MOST_FOUND);
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
