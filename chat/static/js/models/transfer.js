// What a paste or a drop means. Programs provide several forms of one thing, and only one is meant.

// Returns the text if it is meant, or "" for the files. Spreadsheets and Word add a picture to the
// text; file managers add the names of the files, which nobody means.
export function wordsPasted({ text, files }) {
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(Boolean);
  const names = new Set(files.flatMap(({ name }) => writtenAs(name)));
  const isMeant = files.length === 0 || lines.some((line) => !names.has(lastPart(line)));
  return isMeant ? text.replaceAll(/\r\n?/g, "\n") : "";
}

// Likewise. A picture that is dragged out of a page has its address as text; the picture is meant.
export function wordsDropped({ text, files }) {
  const isAddress = URL.canParse(text.trim());
  return isAddress && files.length ? "" : wordsPasted({ text, files });
}

function lastPart(path) {
  return path.split(/[\\/]/).at(-1).normalize();
}

// As in a path, and as in the address of a file.
function writtenAs(name) {
  return [name, encodeURI(name), encodeURIComponent(name)].map((each) => each.normalize());
}
