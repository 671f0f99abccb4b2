// Shows pictures in full size: arrows for the next one, a click on it to zoom, a click beside it,
// Escape or Back to close, download. A finger swipes and taps twice instead.

import { LiveElement } from "../helpers/live_element.js";
import { addEntry } from "../helpers/navigation.js";
import { followFinger } from "../helpers/picture_touch.js";
import { stepsAlong } from "../helpers/writing_direction.js";

export class ImageViewer extends LiveElement {
  #dialog;
  #picture;
  #shown = null; // the link of the shown picture
  #message = null; // its message; none in a gallery
  #hasEntry = false; // Back closes it, because it added an entry to the history
  #isTakingBack = false; // the entry, which the browser does a little later

  prepare() {
    this.#dialog = this.querySelector("dialog");
    this.#picture = this.querySelector(".viewer-picture");
    this.#dialog.addEventListener("click", (event) => this.#choose(event));
    this.#dialog.addEventListener("keydown", ({ key }) => this.#turnBy(key));
    this.#followFinger();
    this.#dialog.addEventListener("close", () => this.#end());
  }

  #followFinger() {
    const actions = {
      turn: (key) => this.#turnBy(key),
      close: () => this.#dialog.close(),
      zoom: () => this.#zoom(),
    };
    const mayMove = () => !this.#dialog.classList.contains("viewer-zoomed");
    followFinger(this.querySelector(".viewer-stage"), actions, mayMove);
  }

  enter() {
    const { staySignal: signal } = this;
    document.addEventListener("click", (event) => this.#open(event), { signal });
    addEventListener("popstate", () => this.#goBack(), { signal });
  }

  leave() {
    this.#hasEntry = false; // the history leads elsewhere
    this.#dialog.close();
  }

  #open(event) {
    const link = event.target.closest(".message-image");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#show(link);
    this.#dialog.showModal();
    this.querySelector(".viewer-close").focus();
    if (!this.#isTakingBack) this.#addEntry();
  }

  #addEntry() {
    addEntry();
    this.#hasEntry = true;
  }

  #goBack() {
    if (this.#isTakingBack) {
      this.#isTakingBack = false;
      if (this.#dialog.open) this.#addEntry(); // opened again meanwhile
      return;
    }
    this.#hasEntry = false;
    this.#dialog.close();
  }

  #choose({ target, pointerType }) {
    const step = target.closest(".viewer-step")?.dataset.step;
    if (target === this.#picture) pointerType === "touch" || this.#zoom();
    else if (step) this.#turn(Number(step));
    else if (!target.closest(".viewer-download")) this.#dialog.close(); // the dark ground, too
  }

  #zoom() {
    this.#dialog.classList.toggle("viewer-zoomed");
  }

  // Somebody may have deleted the message while its picture was open.
  #end() {
    if (this.#hasEntry) history.back();
    this.#isTakingBack ||= this.#hasEntry;
    this.#hasEntry = false;
    if (this.#shown.isConnected) this.#shown.focus();
    else if (this.#message?.isConnected) this.#message.focus();
  }

  #show(link) {
    this.#shown = link;
    this.#message = link.closest(".message");
    this.#dialog.classList.remove("viewer-zoomed");
    this.#picture.src = link.href;
    this.#picture.alt = link.querySelector(".message-image-thumbnail").alt;
    this.querySelector(".viewer-download").href = link.href;
    this.#count();
    this.#tellWhose(link.closest(".message, .gallery-item"));
    for (const button of this.querySelectorAll(".viewer-step"))
      button.disabled = !this.#beside(Number(button.dataset.step));
  }

  // Which one of its message it is. The arrows lead on to other messages.
  #count() {
    const links = [...(this.#message?.querySelectorAll(".message-image") ?? [])];
    this.querySelector(".viewer-count").textContent =
      links.length > 1 ? `${links.indexOf(this.#shown) + 1} / ${links.length}` : "";
  }

  #tellWhose(source) {
    const author = source.querySelector(".message-author, .gallery-author").textContent;
    this.querySelector(".viewer-author").textContent = author;
    const time = source.querySelector(".message-time time, .gallery-text time");
    this.querySelector(".viewer-time").replaceChildren(time.cloneNode(true));
  }

  #turnBy(key) {
    this.#turn(stepsAlong(this)[key]);
  }

  #turn(step) {
    const next = step && this.#beside(step);
    if (next) this.#show(next);
  }

  #beside(step) {
    const list = this.#shown.closest("main, side-panel");
    const links = [...list.querySelectorAll(".message-image")];
    return links[links.indexOf(this.#shown) + step];
  }
}
