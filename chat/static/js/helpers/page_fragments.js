// Pages as their main parts: `main` alone is fetched, the rest is on the page already. See
// routes/pages/fragments.py.

import { copies } from "../models/my_copies.js";
import { hasKeyboard } from "./keyboards.js";
import { fillTimeZone, localizeTimes } from "./time.js";
import { markLoaded } from "./loaded_image.js";
import { loadWhatOtherPagesNeed } from "./other_pages.js";

const ANSWER_WITHIN = 10_000; // ms; a half-open connection never answers
const PROBLEMS = ".notice-problem:not([hidden], .frame-notice), .field-problem, .error-message";

// Resolves to {main, title, address, text, isRefused}: where redirects led, and whether it is an error; or to
// null for a page that is not part of the app. `body`: the form that is sent; `within`: ms. Rejects
// when the chat cannot be reached.
export async function fetchPage(address, { isAhead = false, body, within = ANSWER_WITHIN } = {}) {
  const headers = { "X-Fragment": "main", ...(isAhead && { "X-Purpose": "prefetch" }) };
  const signal = AbortSignal.timeout(within);
  const method = body ? "POST" : "GET";
  const response = await fetch(address, { method, body, headers, signal });
  if (response.headers.get("X-Fragment") !== "main") return null;
  const { pathname, search } = new URL(response.url);
  const page = await parsed(await response.text(), pathname + search);
  return { ...page, isRefused: !response.ok };
}

// Resolves likewise to a page that this device keeps, or to null.
export async function findKept(address) {
  const text = await copies?.find(address);
  return text ? parsed(text, address) : null;
}

async function parsed(text, address) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const main = page.querySelector("main");
  for (const field of main?.querySelectorAll("[autofocus]") ?? []) wantFocus(field);
  await loadWhatOtherPagesNeed(page);
  return { main, title: page.title, address, text };
}

// Returns what a page says went wrong.
export function problemIn(main) {
  return main.querySelector(PROBLEMS)?.textContent.trim() ?? "";
}

// Whoever shows the page moves the focus. The browser obeys `autofocus` only in a document that has no
// focus yet, and complains in any other.
function wantFocus(field) {
  field.autofocus = false;
  const coversAList = !hasKeyboard() && field.closest("list-filter"); // by the keyboard on the glass
  if (!coversAList) field.dataset.wantsFocus = "";
}

// Does for a part of a page what the server cannot know: the time zone, and which pictures are here.
export function completePart(within) {
  localizeTimes(within);
  fillTimeZone(within);
  for (const image of within.querySelectorAll("img")) if (image.complete) markLoaded(image);
}
