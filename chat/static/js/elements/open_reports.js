// The number of reports that wait for an administrator, as the page knows that is shown.

import { LiveElement } from "../helpers/live_element.js";
import { showCount } from "../helpers/room_item.js";

export class OpenReports extends LiveElement {
  enter() {
    this.listen(document, "page", (main) => showCount(this, Number(main.dataset.openReports)));
  }
}
