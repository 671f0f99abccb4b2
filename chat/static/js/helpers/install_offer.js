// Says on a phone, above the list of rooms, that the chat can be installed (elements/install_hint.js):
// where it can, and once somebody has used it for a while on this device.

import { DeviceUsage } from "../models/device_usage.js";
import { outbox } from "../models/my_outbox.js";
import { isAppleTouch } from "./apple_touch.js";
import { isAsking } from "./installing.js";

const PHONE = "(max-width: 44rem)";
const INSTALLED = "(display-mode: standalone)";

export const usage = new DeviceUsage();

export function followUsage() {
  usage.noteDay();
  outbox.addEventListener("sent", ({ detail }) => usage.noteSent(detail.id));
  document.addEventListener("installable", () => offer(document));
  document.addEventListener("page", ({ detail }) => offer(detail));
}

// Returns how: "asking", or "by-hand" in the menu of the browser; null: it is installed, or cannot be,
// or its person does not want to know.
export function wayToInstall() {
  if (usage.isDismissed || matchMedia(INSTALLED).matches || navigator.standalone) return null;
  if (isAsking()) return "asking";
  return isAppleTouch() ? "by-hand" : null;
}

// `within`: the list of rooms as a page has the line.
function offer(within) {
  if (!usage.isEnough || !wayToInstall() || !matchMedia(PHONE).matches) return;
  const list = document.querySelector("room-list");
  if (list.previousElementSibling.localName === "install-hint") return;
  const template = within.querySelector("template.install-hint-template");
  if (template) list.before(template.content.firstElementChild.cloneNode(true));
}
