// The messages of the outbox below those of the room, with what became of each.

import { outbox } from "../models/my_outbox.js";
import { showUnsentMessage } from "./message_view.js";
import { joinWithNeighbour } from "./neighbours.js";
import { showText } from "./shown_text.js";
import { N_, t } from "../models/translation.js";

const WAITING = N_("Waiting to be sent");
const REASONS = {
  rate_limited: N_("Waiting: many messages in a short time. It goes out by itself in a moment."),
  unavailable: N_("Waiting: the chat is busy. It goes out by itself in a moment."),
  internal_error: N_("Waiting: the chat is busy. It goes out by itself in a moment."),
};

export class UnsentMessages {
  #timeline;
  #list;

  // `timeline` is the element that hands on what a person chooses, `list` its MessageList.
  constructor(timeline, list) {
    this.#timeline = timeline;
    this.#list = list;
  }

  showAll() {
    const { roomId } = this.#timeline.dataset;
    const unsent = outbox.unsent.filter((message) => message.room_id === roomId);
    const ids = new Set(unsent.map((message) => message.client_id));
    const isOver = ({ dataset }) => !ids.has(dataset.clientId) && dataset.state !== "sent";
    for (const element of this.#list.unsent) if (isOver(element)) this.#list.remove(element);
    for (const message of unsent) this.#show(message);
  }

  // Marks the newest own message as sent, and takes the mark off the one before.
  showSent({ client_id: clientId }) {
    const before = this.#timeline.querySelector(".message-sent");
    if (before) this.#mark(before, false);
    const element = this.#list.ownElementOf(clientId);
    if (!element) return; // older than what is shown here
    if (!element.dataset.seq) this.#keepBelow(element);
    this.#mark(element, true);
  }

  // The present has been fetched: what was sent on a page of the past is in it.
  removeSent() {
    for (const element of this.#list.unsent)
      if (element.dataset.state === "sent") this.#list.remove(element);
  }

  // What to do with a message that failed: the composer does it.
  choose({ target }) {
    if (!target.dataset.choice) return;
    const { clientId } = target.closest(".message").dataset;
    const detail = outbox.unsent.find((message) => message.client_id === clientId);
    if (detail) this.#timeline.dispatchEvent(new CustomEvent(target.dataset.choice, { detail }));
  }

  #show(message) {
    const known = this.#list.ownElementOf(message.client_id);
    if (known?.dataset.seq) return; // arrived
    if (known?.dataset.state === message.state) return this.#showReason(known, message);
    const element = known ?? this.#list.copy();
    Object.assign(element.dataset, {
      clientId: message.client_id,
      authorId: this.#list.me,
      createdAt: message.written_at,
      state: message.state,
    });
    element.classList.toggle("message-pending", message.state === "waiting");
    element.classList.toggle("message-failed", message.state === "failed");
    showUnsentMessage(element, message, this.#myself, this.#list.look);
    this.#showState(element, message);
    if (!known) this.#list.append(element);
    joinWithNeighbour(element);
  }

  get #myself() {
    const { myName, myUsername, myAvatar } = document.querySelector("#main").dataset;
    return {
      id: this.#list.me,
      username: myUsername,
      display_name: myName,
      shows_username: Boolean(myUsername),
      avatar_url: myAvatar,
    };
  }

  #showReason(element, { state, reason }) {
    if (state !== "waiting") return;
    const note = element.querySelector(".message-state");
    showText(note, t(REASONS[reason] ?? WAITING));
  }

  #showState(element, { state, problem, reason, images }) {
    const note = element.querySelector(".message-state");
    note.hidden = false;
    if (state === "waiting") return this.#showReason(element, { state, reason });
    const edit = images.length ? [] : [choice("edit", t("Edit"))]; // pictures do not go back into the composer
    note.replaceChildren(
      `${t("Not sent: {problem}", { problem })} `,
      choice("retry", t("Retry")),
      ...edit,
      choice("discard", t("Discard")),
    );
    this.#timeline.querySelector(".timeline-status").textContent = t(
      "A message was not sent: {problem}",
      { problem },
    );
  }

  // On a page of the past a sent message stays below it, until what lies between is fetched.
  #keepBelow(element) {
    element.dataset.state = "sent";
    element.classList.remove("message-pending");
  }

  #mark(element, isSent) {
    element.classList.toggle("message-sent", isSent);
    element.querySelector(".message-tick").hidden = !isSent;
  }
}

function choice(name, text) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "message-choice", textContent: text });
  button.dataset.choice = name;
  return button;
}
