// Follows whether pictures are loaded.

// Marks a loaded picture: the stylesheet hides the placeholder, which would show through.
export function markLoaded(image) {
  if (image.matches?.(".message-image-thumbnail") && image.naturalWidth)
    image.classList.add("message-image-loaded");
}

// Asks again for the pictures that could not be loaded: the chat was out of reach then.
export function loadMissingPictures() {
  for (const image of document.images)
    if (image.complete && !image.naturalWidth && image.src.startsWith("http"))
      image.setAttribute("src", image.src);
}
