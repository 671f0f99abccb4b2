// Shows what another app shared with the chat, and takes it into the composer of the room that somebody
// chooses. They look at it there, and send it.

import { sendJson } from "../helpers/api.js";
import { LiveElement } from "../helpers/live_element.js";
import { goTo } from "../helpers/navigation.js";
import { showPageNotice } from "../helpers/page_notice.js";
import { Shares } from "../models/shares.js";

export class ShareTarget extends LiveElement {
  #shares = new Shares();
  #found; // resolves to the share

  prepare() {
    const { shared } = this.dataset;
    if (!shared) return; // a browser without the service worker sent the text to the chat
    const { me } = document.querySelector("#main").dataset;
    this.#found = this.#shares.find(shared, me);
    this.#found.then((share) => this.#show(share));
    this.addEventListener("submit", (event) => this.#choose(event));
  }

  leave() {
    for (const { src } of this.querySelectorAll(".share-pictures img")) URL.revokeObjectURL(src);
  }

  #show(share) {
    this.querySelector(".share-gone").hidden = Boolean(share);
    this.querySelector(".share-choices").hidden = !share;
    if (!share) return;
    this.querySelector(".share-text").textContent = share.text;
    // What is no picture is refused in the composer, which says why.
    const pictures = share.files.filter(({ type }) => type.startsWith("image/"));
    this.querySelector(".share-pictures").append(...pictures.map((file) => this.#item(file)));
    this.querySelector(".share-content").hidden = false;
  }

  #item(file) {
    const { content } = this.querySelector(".share-picture-template");
    const item = content.firstElementChild.cloneNode(true);
    const image = item.querySelector("img");
    image.alt = file.name;
    image.src = URL.createObjectURL(file);
    return item;
  }

  async #choose(event) {
    if (!event.target.matches(".share-form")) return;
    event.preventDefault();
    const { roomId, userId } = event.submitter.dataset;
    try {
      const share = await this.#found;
      if (share) await this.#take(share, roomId ?? (await roomWith(userId)));
    } catch (error) {
      showPageNotice(error.message);
    }
  }

  // What cannot be taken now, because the page did not come, waits here.
  async #take(share, roomId) {
    await goTo(`/rooms/${roomId}`);
    const composer = document.querySelector(`message-composer[data-room-id="${roomId}"]`);
    if (!composer) return;
    composer.add(share);
    await this.#shares.forget(this.dataset.shared);
  }
}

async function roomWith(userId) {
  return (await sendJson("POST", "/direct-rooms", { user_ids: [userId] })).id;
}
