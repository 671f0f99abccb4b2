// The number of reports that wait for an administrator.

import { LiveElement } from "../helpers/live_element.js";
import { showCount } from "../helpers/room_item.js";
import { connection } from "../models/connection.js";
import { plural } from "../models/translation.js";

export class OpenReports extends LiveElement {
  enter() {
    this.listen(connection, "hello", (hello) => this.#show(hello.open_reports));
    this.listen(connection, "reports:updated", ({ open }) => this.#show(open));
  }

  #show(open) {
    showCount(this, open);
    const word = plural("open report", "open reports", open);
    this.querySelector(".badge-word").textContent = ` ${word}`;
  }
}
