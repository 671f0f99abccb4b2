// Asks for the permission to show notifications, only when somebody presses the button.

import { LiveElement } from "../helpers/live_element.js";
import { t } from "../models/translation.js";

const SAYS = {
  granted: t("This browser shows notifications while a page of the chat is open."),
  denied: t("Notifications are blocked. Allow them in your browser’s site settings."),
  default: "",
};

export class NotificationPermission extends LiveElement {
  prepare() {
    if (!globalThis.Notification) return; // an old browser, or plain http on another host
    this.hidden = false;
    this.querySelector("button").addEventListener("click", () => this.#ask());
    this.#show(Notification.permission);
  }

  async #ask() {
    this.#show(await Notification.requestPermission());
  }

  #show(permission) {
    this.querySelector("button").hidden = permission !== "default";
    this.querySelector("p").textContent = SAYS[permission];
  }
}
