// The emoji of a person's status: follows the person, and goes when the status ends.

import { LiveElement } from "../helpers/live_element.js";
import { showStatus } from "../helpers/status_view.js";
import { people } from "../models/people.js";

const LONGEST_WAIT = 2 ** 31 - 1; // ms; a longer timer would end at once

export class PersonStatus extends LiveElement {
  static observedAttributes = ["data-until"];
  #ending;

  enter() {
    this.listen(people, "change", (person) => this.#follow(person));
    this.#endInTime();
  }

  leave() {
    clearTimeout(this.#ending);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#endInTime();
  }

  #follow(person) {
    if (person.id === this.dataset.userId) showStatus(this, person);
  }

  #endInTime() {
    clearTimeout(this.#ending);
    const { until } = this.dataset;
    if (!until) return;
    const left = new Date(until) - Date.now();
    if (left <= 0) showStatus(this, {});
    else this.#ending = setTimeout(() => this.#endInTime(), Math.min(left, LONGEST_WAIT));
  }
}
