// Shows pictures in full size: arrow keys for the next one, Escape, click to zoom, download.

import { LiveElement } from "../helpers/live_element.js";

export class ImageViewer extends LiveElement {
  #dialog;
  #picture;
  #shown = null; // the link of the shown picture
  #message = null; // its message; none in a gallery

  prepare() {
    this.#dialog = this.querySelector("dialog");
    this.#picture = this.querySelector(".viewer-picture");
    this.#picture.addEventListener("click", () => this.#dialog.classList.toggle("viewer-zoomed"));
    this.querySelector(".viewer-close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("keydown", (event) => this.#turn(event));
    this.#dialog.addEventListener("close", () => this.#leave());
  }

  enter() {
    document.addEventListener("click", (event) => this.#open(event), { signal: this.staySignal });
  }

  #open(event) {
    const link = event.target.closest(".message-image");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#show(link);
    this.#dialog.showModal();
  }

  // Somebody may have deleted the message while its picture was open.
  #leave() {
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
  }

  #turn({ key }) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!step) return;
    const links = [...document.querySelectorAll(".message-image")];
    const next = links[links.indexOf(this.#shown) + step];
    if (next) this.#show(next);
  }
}
