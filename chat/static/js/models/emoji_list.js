// All emoji, with their names and tones of skin: asked for when somebody first looks for one, and kept by the browser.

const MOST_FOUND = 80; // as many as somebody looks through

// From none to the last tone of an emoji.
export const TONES = [
  "no skin tone",
  "light skin tone",
  "medium-light skin tone",
  "medium skin tone",
  "medium-dark skin tone",
  "dark skin tone",
];

let listed = null;

// Rejects when the chat cannot be reached; the next call asks again.
export function loadEmoji() {
  listed ??= fetchList().catch((error) => {
    listed = null;
    throw error;
  });
  return listed;
}

// Those whose name holds every word, first those of which a name begins so. `list`: [emoji, tones, name, …].
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

// [emoji, name], in a tone (an index of TONES) if it has any.
export function inTone([emoji, tones, name], tone) {
  return tone && tones.length ? [tones[tone - 1], `${name}, ${TONES[tone]}`] : [emoji, name];
}

async function fetchList() {
  const response = await fetch("/emoji.json");
  if (!response.ok) throw new Error(`GET /emoji.json answered ${response.status}`);
  return response.json();
}
