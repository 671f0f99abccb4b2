// The actions on a message. It offers only what one may do; the server checks nevertheless.

import { focusAgain, focusOn } from "../helpers/kept_focus.js";
import { LiveElement } from "../helpers/live_element.js";
import { itemFor } from "../helpers/menu_keys.js";
import { listenToAnswer, showQuote } from "../helpers/message_quote.js";
import { onDemand } from "../helpers/on_demand.js";
import { openAt } from "../helpers/popovers.js";
import { save } from "../helpers/saved_file.js";
import { TouchGestures } from "../helpers/touch_gestures.js";
import { whyNotified } from "../helpers/why_notified.js";
import { t } from "../models/translation.js";

const HAS_MOUSE = matchMedia("(hover: hover)"); // which selects text
const DIALOGS = { versions: "versions", report: "report-question" };

export class MessageMenu extends LiveElement {
  #timeline; // or the messages that are apart from theirs
  #menu;
  #deletion;
  #message; // the element that the menu or a dialog belongs to
  #picture = null; // of it, on which a finger is held

  prepare() {
    this.#timeline = this.closest("apart-messages") ?? document.querySelector("message-timeline");
    this.#menu = this.querySelector(".menu");
    this.#deletion = this.querySelector(".deletion");
    this.#followFingers(this.#timeline.querySelector(".messages"));
    this.#menu.addEventListener("click", ({ target }) => this.#pick(target));
    this.#menu.addEventListener("keydown", (event) => this.#moveFocus(event));
    this.#menu.addEventListener("toggle", ({ newState }) => {
      if (newState === "closed") this.#leave();
    });
    listenToAnswer(this.#deletion, () => this.#delete());
    for (const dialog of this.querySelectorAll("dialog"))
      dialog.addEventListener("close", () => focusOn(this.#message)); // its tools hide again
  }

  enter() {
    const { staySignal: signal } = this;
    this.#timeline.addEventListener("click", (event) => this.#choose(event), { signal });
    this.listen(
      this.#timeline,
      "allowed",
      () => this.#menu.matches(":popover-open") && this.#offerAnew(),
    );
  }

  // A dialog that few people open.
  #ask(name, about) {
    const dialog = this.querySelector(`.${DIALOGS[name]}`);
    const say = (text) => this.#timeline.actions.showNotice(text);
    onDemand(`message:${name}`, { dialog, say, ...about });
  }

  // Messages apart have their tools in sight.
  #followFingers(messages) {
    if (!messages) return;
    new TouchGestures(messages, {
      hold: (element, held) => this.#answerFinger(element, held),
      lift: () => this.#stayOpen(),
      mayReply: (element) => this.#isOffered("reply", element),
      reply: (element) => this.#do("reply", element),
    });
  }

  // The tools and reactions of a message.
  #choose(event) {
    const { target } = event,
      element = target.closest(".message");
    if (!element?.dataset.seq || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const more = target.closest(".message-more"),
      tool = target.closest(".message-tool"),
      reaction = target.closest(".reaction");
    if (!tool && !reaction) return;
    event.preventDefault();
    if (more) {
      this.#picture = null;
      this.#open(element, more);
    } else if (tool) this.#do(tool.dataset.action, element);
    else
      this.#timeline.actions.change("message:react", {
        id: element.dataset.id,
        emoji: reaction.value,
        on: reaction.name === "on",
      });
  }

  #open(element, anchor) {
    this.#message = element;
    element.classList.add("message-chosen");
    this.#offer();
    showQuote(this.#menu, element);
    openAt(this.#menu, anchor);
    this.#offered[0].focus();
  }

  // A reaction says whose it is, as it does to a mouse.
  #answerFinger(element, held) {
    const { value, title } = held.closest(".reaction") ?? {};
    if (value) this.#timeline.actions.showNotice(`${value} ${title}`);
    else this.#openUnderFinger(element, held);
  }

  // Browsers close a popover when a finger is lifted beside it, the one that opened it, too. So it closes
  // by itself only from then on.
  #openUnderFinger(element, held) {
    this.#picture = held.closest("a.message-image");
    this.#menu.popover = "manual";
    this.#open(element, element.querySelector(".message-more"));
  }

  #stayOpen() {
    const isOpen = this.#menu.matches(":popover-open");
    this.#menu.popover = "auto"; // which closes it
    if (!isOpen) return;
    this.#menu.showPopover();
    this.#offered[0].focus();
  }

  #leave() {
    this.#message.classList.remove("message-chosen");
    focusAgain(this.#message);
  }

  #offer() {
    for (const item of this.#items)
      item.hidden = !this.#isOffered(item.dataset.action, this.#message);
  }

  // If the focused action is no longer offered, the first one gets the focus.
  #offerAnew() {
    const { activeElement: focused } = document;
    this.#offer();
    if (focused.hidden) this.#offered[0].focus();
  }

  #pick({ dataset, value }) {
    if (!dataset.action) return;
    const element = this.#message;
    this.#menu.hidePopover(); // the focus returns to where the menu was opened; the action may move it
    this.#do(dataset.action, element, value);
  }

  #isOffered(action, element) {
    const isMine = element.dataset.authorId === document.querySelector("#main").dataset.me;
    const isPinned = !element.querySelector(".message-pin").hidden;
    const isDeleted = element.classList.contains("message-deleted");
    const isEdited = !element.querySelector(".message-edited").hidden;
    const may = (verb) => this.#timeline.may(verb, element);
    return {
      emoji: !isDeleted && may("react"),
      react: !isDeleted && may("react"),
      reply: !isDeleted && may("post"),
      revise: !isDeleted && isMine && may("edit"),
      pin: !isDeleted && !isPinned && may("pin"),
      unpin: isPinned && may("pin"),
      save: this.#picture !== null,
      "copy-text": !isDeleted && !HAS_MOUSE.matches,
      select: !isDeleted && !HAS_MOUSE.matches,
      copy: true,
      versions: isEdited && (isMine || may("read others' versions")),
      unread: this.#timeline.actions.mayMarkUnread(element),
      why: !isDeleted && !isMine,
      report: !isDeleted && !isMine && may("report"),
      delete: !isDeleted && (isMine ? may("delete") : may("delete others' messages")),
    }[action];
  }

  #do(action, element, emoji) {
    const { id } = element.dataset;
    ({
      emoji: () => this.#timeline.actions.change("message:react", { id, emoji, on: true }),
      react: () => document.querySelector("emoji-picker").open(element),
      reply: () => this.#hand("reply", element),
      revise: () => this.#hand("revise", element),
      pin: () => this.#timeline.actions.change("message:pin", { id, on: true }),
      unpin: () => this.#timeline.actions.change("message:pin", { id, on: false }),
      save: () => save(this.#picture),
      "copy-text": () => this.#copy(bodyOf(element).innerText, t("Text copied")),
      select: () => getSelection().selectAllChildren(bodyOf(element)),
      copy: () => this.#copy(linkTo(element), t("Link copied")),
      versions: () => this.#ask("versions", { id }),
      unread: () => this.#timeline.actions.markUnread(element),
      why: async () => this.#timeline.actions.showNotice(await whyNotified(id)),
      report: () => this.#askForReason(element),
      delete: () => this.#askBeforeDeleting(element),
    })[action]();
  }

  // Gives the message to the composer.
  #hand(action, element) {
    this.#timeline.dispatchEvent(
      new CustomEvent(action, { detail: this.#timeline.message(element) }),
    );
  }

  async #copy(text, notice) {
    try {
      await navigator.clipboard.writeText(text);
      this.#timeline.actions.showNotice(notice);
    } catch {
      this.#timeline.actions.showNotice(text); // plain http from another host has no clipboard
    }
  }

  #askBeforeDeleting(element) {
    this.#message = element;
    showQuote(this.#deletion, element);
    this.#deletion.showModal();
  }

  #askForReason(element) {
    this.#message = element;
    this.#ask("report", { element });
  }

  #delete() {
    this.#timeline.actions.change("message:delete", { id: this.#message.dataset.id });
  }

  #moveFocus(event) {
    if (event.key === "Tab") this.#menu.hidePopover();
    const next = itemFor(event, this.#offered);
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  get #items() {
    return [...this.#menu.querySelectorAll("[data-action]")];
  }

  get #offered() {
    return this.#items.filter((item) => item.checkVisibility());
  }
}

function linkTo(element) {
  return element.querySelector(".message-time").href;
}

function bodyOf(element) {
  return element.querySelector(".message-body");
}
