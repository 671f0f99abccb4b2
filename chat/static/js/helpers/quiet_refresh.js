// Fetches again what a part of the page shows, without taking anything from whoever uses it.

import { completePart, fetchPage } from "./page_fragments.js";

// Replaces the content of `element` by that of its copy, `selector`, in the page of the same address,
// with its `data-…`. What somebody has begun to write stays, and so does the focus. Nothing happens
// while a menu or a dialog is open.
export async function refreshQuietly(element, selector) {
  const page = await fetchPage(addressAround(element)).catch(() => null);
  const fresh = page?.main.querySelector(selector);
  if (!fresh || !element.isConnected) return;
  if (element.querySelector(":popover-open, dialog[open]")) return;
  const { id: focused, selectionStart: caret } = document.activeElement;
  const begun = [...element.querySelectorAll("input[id]")].filter(
    ({ value, defaultValue }) => value !== defaultValue,
  );
  completePart(fresh);
  Object.assign(element.dataset, fresh.dataset);
  element.replaceChildren(...fresh.childNodes);
  for (const { id, value } of begun) Object.assign(document.getElementById(id) ?? {}, { value });
  const again = document.getElementById(focused);
  again?.focus({ preventScroll: true });
  if (caret != null) again?.setSelectionRange?.(caret, caret);
}

function addressAround(element) {
  return element.closest("side-panel")?.address ?? location.pathname + location.search;
}
