// Loads the elements that only pages beside rooms contain, for the first page with one of them: the
// page that somebody opens first has to arrive soon. Where they cannot be loaded, forms work without.

export async function loadWhatOtherPagesNeed(within) {
  if (![...within.querySelectorAll(":not(:defined)")].some(isUnknown)) return;
  try {
    await import("../other_pages.js");
  } catch (error) {
    console.warn(error.message); // offline, or the chat was upgraded: the next page is a new document
  }
}

// Elements of a page that is not shown yet are never defined.
function isUnknown({ localName }) {
  return !customElements.get(localName);
}
