// Marks a loaded picture: the stylesheet hides the placeholder, which would show through.

export function markLoaded(image) {
  if (image.matches?.(".message-image-thumbnail") && image.naturalWidth)
    image.classList.add("message-image-loaded");
}
