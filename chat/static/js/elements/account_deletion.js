// Deletes one's account: the server ends the connection before its answer leads away, and says why.

import { LiveElement } from "../helpers/live_element.js";
import { connection } from "../models/connection.js";

export class AccountDeletion extends LiveElement {
  prepare() {
    this.addEventListener("submit", () => connection.leave());
  }
}
