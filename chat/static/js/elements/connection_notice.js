// Shows that the chat cannot be reached: at once when the device knows that it is offline, otherwise
// after a moment, because most interruptions end by themselves. A kept page says that the chat is away.

import { connection } from "../models/connection.js";
import { LiveElement } from "../helpers/live_element.js";
import { t } from "../models/translation.js";

const PATIENCE = 1_500; // ms

export class ConnectionNotice extends LiveElement {
  #timer;

  enter() {
    this.listen(connection, "state", () => this.#show());
    for (const event of ["offline", "online"]) this.listen(window, event, () => this.#show());
    this.#show();
  }

  #show() {
    clearTimeout(this.#timer);
    const isKept = document.querySelector("#main[data-kept]") && !connection.isOpen;
    if (!navigator.onLine || isKept) this.#appear();
    else if (connection.isOpen) this.hidden = true;
    else this.#timer = setTimeout(() => this.#appear(), PATIENCE);
  }

  #appear() {
    this.textContent = t("You are offline; messages will be sent when the connection is back.");
    this.hidden = false;
  }
}
