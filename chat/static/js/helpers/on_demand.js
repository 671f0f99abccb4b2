// What few people do on a page is loaded once somebody does it: ../on_demand.js listens to these events.

import { t } from "../models/translation.js";
import { showPageNotice } from "./page_notice.js";

export async function onDemand(name, detail) {
  try {
    await load(name, detail);
  } catch {
    showPageNotice(t("That could not be loaded. Try again when the connection is back."));
  }
}

// Resolves to what is made. Rejects if it could not be loaded.
export function fromDemand(name, detail) {
  return new Promise((made, fail) => load(name, { ...detail, made }).catch(fail));
}

async function load(name, detail) {
  await import("../on_demand.js");
  document.dispatchEvent(new CustomEvent(name, { detail }));
}
