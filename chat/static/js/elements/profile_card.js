// Who somebody is, beside their name: the part of their page that says so. It opens from names, faces
// and mentions, and gives the focus back.

import { people } from "../models/people.js";
import { focusAgain } from "../helpers/kept_focus.js";
import { LiveElement } from "../helpers/live_element.js";
import { MENTION } from "../helpers/message_parts.js";
import { goTo } from "../helpers/navigation.js";
import { fetchPage, problemIn } from "../helpers/page_fragments.js";
import { showPageNotice } from "../helpers/page_notice.js";
import { openAt } from "../helpers/popovers.js";
import { insertText } from "../helpers/text_changes.js";

const OPENERS = `a.person-link[href], .message-avatar, ${MENTION}`;

export class ProfileCard extends LiveElement {
  #opener;
  #address;

  prepare() {
    this.addEventListener("answer", (event) => this.#take(event));
    this.addEventListener("click", ({ target }) => this.#mention(target));
    this.addEventListener("toggle", ({ newState }) => {
      if (newState === "closed") focusAgain(this.#opener);
    });
  }

  enter() {
    const { staySignal: signal } = this;
    document.addEventListener("click", (event) => this.#lead(event), { signal });
    document.addEventListener("keydown", (event) => this.#press(event), { signal });
    this.listen(document, "page", () => this.hidePopover());
  }

  #lead(event) {
    const { target, button, ctrlKey, metaKey, shiftKey, altKey } = event;
    const opener = target.closest?.(OPENERS);
    if (!opener || event.defaultPrevented || button) return;
    if (ctrlKey || metaKey || shiftKey || altKey) return;
    event.preventDefault();
    this.#open(opener);
  }

  // A mention is no link and no button of its own.
  #press(event) {
    if (event.key !== "Enter" && event.key !== " ") return;
    if (!event.target.matches?.(MENTION)) return;
    event.preventDefault();
    this.#open(event.target);
  }

  async #open(opener) {
    this.#opener = opener;
    this.#address = await addressOf(opener);
    if (!this.#address || !(await this.#fetch())) return;
    if (this.#opener !== opener || !opener.isConnected) return;
    openAt(this, opener, { isAtTheStart: true });
    this.querySelector("button, a").focus();
  }

  // Resolves to whether it shows the person now.
  async #fetch() {
    const page = await fetchPage(this.#address).catch(() => null);
    const profile = page?.main.querySelector(".profile");
    if (!profile) {
      goTo(this.#address); // which says why
      return false;
    }
    this.#show(profile);
    return true;
  }

  // A mention needs a room where one may write.
  #show(profile) {
    this.replaceChildren(profile);
    const button = this.querySelector(".profile-mention");
    const composer = document.querySelector("message-composer:not([hidden])");
    const isHere = this.#address.endsWith(`?room=${composer?.dataset.roomId}`);
    if (button) button.hidden = !isHere;
    if (this.matches(":popover-open")) this.querySelector("button, a").focus();
  }

  #mention(target) {
    const button = target.closest(".profile-mention");
    if (!button) return;
    const text = document.querySelector("message-composer textarea");
    this.#opener = text; // it has the focus from now on
    this.hidePopover();
    const before = text.value.slice(0, text.selectionStart);
    insertText(text, `${/(^|\s)$/.test(before) ? "" : " "}@${button.value} `);
  }

  // What its forms answer: who that is now, a room, or why not.
  #take(event) {
    const { main, isRefused } = event.detail;
    if (main.querySelector("message-timeline")) return; // it becomes the page
    event.preventDefault();
    const profile = main.querySelector(".profile");
    if (isRefused) showPageNotice(problemIn(main));
    else if (profile) this.#show(profile);
    else this.#fetch();
  }
}

async function addressOf(opener) {
  const link = opener.matches("a")
    ? opener
    : opener.closest(".message")?.querySelector(".message-author");
  if (!opener.matches(MENTION)) return link?.getAttribute("href");
  const { username, erased } = await people.find(opener.dataset.userId);
  const { search } = link ?? {};
  return username && !erased ? `/people/${encodeURIComponent(username)}${search ?? ""}` : null;
}
