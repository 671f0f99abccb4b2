// Loads the elements that only pages beside rooms contain, for the first page with one of them: the
// page that somebody opens first has to arrive soon. Where they cannot be loaded, forms work without.

const EARLY = ["input", "change"]; // what somebody does to a field while the elements are loaded

export async function loadWhatOtherPagesNeed(within) {
  if (![...within.querySelectorAll(":not(:defined)")].some(isUnknown)) return;
  const early = [];
  const note = ({ type, target }) => early.push({ type, target });
  for (const type of EARLY) addEventListener(type, note);
  try {
    await import("../other_pages.js");
  } catch (error) {
    console.warn(error.message); // offline, or the chat was upgraded: the next page is a new document
  }
  for (const type of EARLY) removeEventListener(type, note);
  for (const { type, target } of early) target.dispatchEvent(new Event(type, { bubbles: true }));
}

// Elements of a page that is not shown yet are never defined.
function isUnknown({ localName }) {
  return !customElements.get(localName);
}
