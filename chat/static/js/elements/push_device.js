// The switch that lets this device be notified while the chat is closed. It asks for the permission
// only when somebody turns it on, and says why not where that cannot be.

import { LiveElement } from "../helpers/live_element.js";
import { subscriptionId } from "../helpers/push.js";
import { obstacle, subscribe, unsubscribe } from "../helpers/push_subscribing.js";
import { refreshQuietly } from "../helpers/quiet_refresh.js";
import { Refusal } from "../models/refusal.js";
import { t } from "../models/translation.js";

const OBSTACLES = {
  insecure: t("This needs https. Ask whoever runs the chat."),
  "home-screen": t(
    "On an iPhone or iPad, first add the chat to your home screen, and open it from there.",
  ),
  unsupported: t("This browser can’t do this. Try another one."),
};
const BLOCKED = t("Notifications are blocked. Allow them in your browser’s site settings.");
const FAILED = t(
  "Your browser couldn’t reach its push service. Try again later, or use another browser.",
);

export class PushDevice extends LiveElement {
  prepare() {
    this.#box.addEventListener("change", () => this.#change());
    this.#begin();
  }

  comeBack() {
    this.#begin();
  }

  async #begin() {
    const problem = obstacle();
    if (problem) return this.#say(OBSTACLES[problem]);
    const id = await subscriptionId().catch(() => null);
    this.#box.checked = Boolean(id && document.querySelector(`[data-push-id="${id}"]`));
    this.#box.disabled = false;
    if (Notification.permission === "denied") this.#say(BLOCKED);
  }

  async #change() {
    this.#box.disabled = true;
    const wanted = this.#box.checked;
    const problem = await (wanted ? turnOn() : turnOff());
    this.#box.disabled = false;
    this.#box.checked = wanted !== Boolean(problem) ? wanted : !wanted;
    if (problem) return this.#say(problem);
    refreshQuietly(this.closest("#push"), "#push");
  }

  #say(text) {
    this.querySelector("[role=status]").textContent = text;
  }

  get #box() {
    return this.querySelector("input");
  }
}

// Resolves to what is wrong, or to null.
async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") return BLOCKED;
  try {
    await subscribe();
  } catch (error) {
    return error instanceof Refusal ? error.message : FAILED;
  }
  return null;
}

async function turnOff() {
  await unsubscribe();
  return null;
}
