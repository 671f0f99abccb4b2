// The places of a phone: which of them is shown, and what waits there. _tab_bar.html does the same.

import { LiveElement } from "../helpers/live_element.js";
import { showCount } from "../helpers/room_item.js";

export class TabBar extends LiveElement {
  enter() {
    this.listen(document, "page", () => this.#follow());
    this.listen(document, "waiting", (counts) => this.#count(counts));
  }

  #follow() {
    const [, first] = location.pathname.split("/");
    for (const tab of this.querySelectorAll("a")) {
      const isBelow = [tab.pathname, ...(tab.dataset.others ?? "").split(" ")].includes(
        `/${first}`,
      );
      if (location.pathname === tab.pathname) tab.setAttribute("aria-current", "page");
      else if (isBelow) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
  }

  // In the order of the tabs.
  #count({ rooms, mentions }) {
    const [ofRooms, ofMentions] = this.querySelectorAll(".badge");
    showCount(ofRooms, rooms);
    showCount(ofMentions, mentions);
  }
}
