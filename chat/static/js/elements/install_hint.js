// A line that says that the chat can be installed on this device, where it can. Whoever dismisses it
// does not see it again here.

import { usage, wayToInstall } from "../helpers/install_offer.js";
import { ask } from "../helpers/installing.js";
import { focusOn } from "../helpers/kept_focus.js";
import { LiveElement } from "../helpers/live_element.js";

export class InstallHint extends LiveElement {
  prepare() {
    const onClick = (part, action) => this.#part(part).addEventListener("click", action);
    onClick("install", () => this.#install());
    onClick("dismiss", () => this.#dismiss());
  }

  enter() {
    this.listen(document, "installable", () => this.#show());
    this.listen(window, "appinstalled", () => (this.hidden = true));
    this.#show();
  }

  #show() {
    const way = wayToInstall();
    this.hidden = !way;
    this.#part("install").hidden = way !== "asking";
    this.#part("how").hidden = way !== "by-hand";
  }

  #install() {
    ask();
    document.dispatchEvent(new Event("installable"));
  }

  #dismiss() {
    usage.dismiss();
    document.dispatchEvent(new Event("installable"));
    focusOn(this.nextElementSibling ?? this.parentElement);
  }

  #part(name) {
    return this.querySelector(`.install-hint-${name}`);
  }
}
