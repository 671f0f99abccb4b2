// A file that is dropped where no element accepts it: otherwise the browser would leave the page and
// show the file.

export function keepPageWhenFilesAreDropped() {
  addEventListener("dragover", refuse);
  addEventListener("drop", refuse);
}

export function carriesFiles({ dataTransfer }) {
  return dataTransfer?.types.includes("Files") ?? false;
}

function refuse(event) {
  const isTaken = event.defaultPrevented || event.target.matches?.("input[type=file]");
  if (isTaken || !carriesFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "none";
}
