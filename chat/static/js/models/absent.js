// The names in a text that call nobody in the room; their bearers may be elsewhere.

const NAME = /(?<![\p{L}\p{N}_/.@-])[@＠]([\p{L}\p{N}_.-]{2,32})/gu;
const EVERYBODY = "room";

// In small letters, without the punctuation behind them, each once.
export function namesNobody(text) {
  const names = [...text.matchAll(NAME)].map(([, name]) =>
    name
      .normalize("NFKC")
      .toLowerCase()
      .replace(/[._-]+$/, ""),
  );
  return [...new Set(names)].filter((name) => name.length > 1 && name !== EVERYBODY);
}
