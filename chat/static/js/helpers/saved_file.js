// Saves what a link leads to as a file.

export function save({ href }) {
  const link = document.createElement("a");
  Object.assign(link, { href, download: "" });
  link.click();
}
