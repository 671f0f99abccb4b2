// A picture that is there: what was shown in its place goes, or it would shine through.

export function markLoaded(image) {
  if (image.matches?.(".message-image-thumbnail") && image.naturalWidth)
    image.classList.add("message-image-loaded");
}
