// What a paste or a drop carries. Programs put several forms of one thing side by side, and only
// one of them is meant.

// The words that are meant, or "" where the files are. Spreadsheets and Word put a picture beside
// the text; file managers put the names of the files there, which nobody means.
export function wordsPasted({ text, files }) {
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(Boolean);
  const names = new Set(files.flatMap(({ name }) => writtenAs(name)));
  const isMeant = files.length === 0 || lines.some((line) => !names.has(lastPart(line)));
  return isMeant ? text.replaceAll(/\r\n?/g, "\n") : "";
}

// Likewise; but whoever drags a picture out of a page drags its address, too, and means the
// picture.
export function wordsDropped({ text, files }) {
  const isAddress = URL.canParse(text.trim());
  return isAddress && files.length ? "" : wordsPasted({ text, files });
}

function lastPart(path) {
  return path.split(/[\\/]/).at(-1).normalize();
}

// As it stands in a path, and in an address of a file.
function writtenAs(name) {
  return [name, encodeURI(name), encodeURIComponent(name)].map((each) => each.normalize());
}
