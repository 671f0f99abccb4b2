// The browser's question whether to install the chat. Whoever may be asked hears of it by
// helpers/install_offer.js, which comes later: most browsers never ask.

import { isAppleTouch } from "./apple_touch.js";

let question = null;

export function awaitInstallQuestion() {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault(); // the browser would ask at once, whatever somebody does
    question = event;
    comeToOffer();
  });
  if (isAppleTouch()) comeToOffer();
}

export function isAsking() {
  return Boolean(question);
}

// Lets the browser ask, which it does once.
export async function ask() {
  const asked = question;
  question = null;
  await asked?.prompt();
}

async function comeToOffer() {
  await import("../other_pages.js").catch(() => {}); // offline: the next page offers it
  document.dispatchEvent(new Event("installable"));
}
