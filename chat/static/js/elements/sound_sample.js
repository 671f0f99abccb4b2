// Lets somebody hear the sound of notifications.

import { LiveElement } from "../helpers/live_element.js";
import { showPageNotice } from "../helpers/page_notice.js";
import { playSound } from "../helpers/sound.js";

export class SoundSample extends LiveElement {
  prepare() {
    this.hidden = !globalThis.AudioContext;
    this.querySelector("button").addEventListener("click", () => this.#play());
  }

  async #play() {
    try {
      await playSound({ isSample: true });
    } catch (error) {
      showPageNotice(error.message);
    }
  }
}
