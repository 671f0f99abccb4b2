// How many other rooms than this one are unread, at the way back to them on a phone.

import { LiveElement } from "../helpers/live_element.js";
import { showCount } from "../helpers/room_item.js";

export class UnreadElsewhere extends LiveElement {
  enter() {
    this.listen(document, "waiting", () => this.#show());
  }

  comeBack() {
    this.#show();
  }

  #show() {
    const rooms = [...document.querySelectorAll(".room-item-unread")];
    const others = rooms.filter(({ dataset }) => dataset.roomId !== this.dataset.roomId);
    showCount(this, others.length);
  }
}
