// The `@names` in a text that mention nobody in the room. Such people may exist elsewhere.

const NAME = /(?<![\p{L}\p{N}_/.@-])[@＠]([\p{L}\p{N}_.-]{2,32})/gu;
const EVERYBODY = "room";

// Returns each name once, in lower case, without the punctuation behind it.
export function namesNobody(text) {
  const names = [...text.matchAll(NAME)].map(([, name]) =>
    name
      .normalize("NFKC")
      .toLowerCase()
      .replace(/[._-]+$/, ""),
  );
  return [...new Set(names)].filter((name) => name.length > 1 && name !== EVERYBODY);
}
