// The star of a room, which a press fills or empties on all devices of the person.

import { connection } from "../models/connection.js";
import { LiveElement } from "../helpers/live_element.js";
import { chooseFavourite, isFavourite } from "../helpers/favourites.js";
import { t } from "../models/translation.js";

export class FavouriteStar extends LiveElement {
  prepare() {
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      chooseFavourite(this.dataset.roomId, !this.#isOn);
    });
  }

  enter() {
    this.listen(connection, "room:updated", ({ room }) => {
      if (room.id === this.dataset.roomId) this.#show(room.favourite);
    });
  }

  comeBack() {
    this.#show(isFavourite(this.dataset.roomId) ?? this.#isOn);
  }

  get #isOn() {
    return this.#button.getAttribute("aria-pressed") === "true";
  }

  #show(isOn) {
    this.#button.setAttribute("aria-pressed", isOn);
    this.#button.title = isOn ? t("Remove from favourites") : t("Add to favourites");
  }

  get #button() {
    return this.querySelector("button");
  }
}
