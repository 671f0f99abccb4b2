// What a person's page and card say of them: it follows their names, picture and status.

import { LiveElement } from "../helpers/live_element.js";
import { completePart, fetchPage } from "../helpers/page_fragments.js";
import { people } from "../models/people.js";

export class LiveProfile extends LiveElement {
  enter() {
    this.listen(people, "change", ({ id }) => id === this.dataset.userId && this.#refresh());
  }

  async #refresh() {
    const page = await fetchPage(this.dataset.address).catch(() => null);
    const fresh = page?.main.querySelector("live-profile");
    if (!fresh || !this.isConnected) return;
    completePart(fresh);
    this.replaceChildren(...fresh.childNodes);
  }
}
