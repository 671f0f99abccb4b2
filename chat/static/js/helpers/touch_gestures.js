// What a finger does with a message: held still anywhere on it, it opens the menu; moved in the direction
// of reading it replies. Where text is selected, the menu of the browser and its handles stay.

import { isFromRightToLeft } from "./writing_direction.js";

const HOLD = 500; // ms
const STILL = 10; // px that a finger moves by itself
const FAR = 64; // px along the line that mean a reply
const EDGE = 24; // px at the beginning of the line, where phones go back to the page before
const OTHERS = "message-editor"; // with fields of its own

export class TouchGestures {
  #actions;
  #finger = null; // { message, target, x, y, timer, isHeld, shift, end } while it is on a message

  // `actions`: hold(message, what of it), lift() after it, mayReply(message), reply(message).
  constructor(list, actions) {
    this.#actions = actions;
    list.addEventListener("pointerdown", (event) => this.#begin(event));
    list.addEventListener("contextmenu", (event) => this.#finger && event.preventDefault());
  }

  #begin(event) {
    this.#end(); // with a second finger one enlarges the page
    const message = event.target.closest(".message");
    if (event.pointerType !== "touch" || !event.isPrimary || !message?.dataset.seq) return;
    if (event.target.closest(OTHERS) || isSelected(message)) return;
    const { clientX: x, clientY: y } = event;
    const end = new AbortController();
    this.#finger = { message, target: event.target, x, y, end, shift: 0, isHeld: false };
    this.#finger.timer = setTimeout(() => this.#hold(), HOLD);
    message.classList.add("message-touched");
    const { signal } = end;
    addEventListener("pointermove", (moved) => this.#move(moved), { signal });
    addEventListener("touchend", (lifted) => this.#lift(lifted), { signal, passive: false });
    addEventListener("pointercancel", () => this.#end(), { signal }); // the list scrolls
  }

  #hold() {
    this.#finger.isHeld = true;
    this.#actions.hold(this.#finger.message, this.#finger.target);
  }

  #move({ clientX, clientY }) {
    const finger = this.#finger;
    const isReversed = isFromRightToLeft(finger.message);
    const along = (clientX - finger.x) * (isReversed ? -1 : 1),
      down = Math.abs(clientY - finger.y);
    if (finger.isHeld || Math.hypot(along, down) <= STILL) return;
    clearTimeout(finger.timer);
    const isInside = (isReversed ? innerWidth - finger.x : finger.x) > EDGE;
    const isReply = along > down && isInside && this.#actions.mayReply(finger.message);
    if (isReply) this.#swipe(along);
    else this.#end();
  }

  #swipe(shift) {
    const { message } = this.#finger;
    this.#finger.shift = shift;
    if (!message.classList.contains("message-swiped")) message.append(replySign(message));
    message.classList.add("message-swiped");
    message.classList.toggle("message-swiped-far", shift >= FAR);
    message.style.setProperty("--swipe", `${Math.min(shift, FAR)}px`);
  }

  // After "pointerup". Without its default no click follows, which would choose from the menu.
  #lift(event) {
    const { message, shift, isHeld } = this.#finger;
    if (isHeld) event.preventDefault();
    this.#end();
    if (shift >= FAR) this.#actions.reply(message);
  }

  #end() {
    if (!this.#finger) return;
    const { message, timer, end, isHeld } = this.#finger;
    this.#finger = null;
    if (isHeld) this.#actions.lift();
    clearTimeout(timer);
    end.abort();
    message.classList.remove("message-touched", "message-swiped", "message-swiped-far");
    message.style.removeProperty("--swipe");
    message.querySelector(".message-swipe-sign")?.remove();
  }
}

function isSelected(message) {
  const selection = getSelection();
  return !selection.isCollapsed && selection.containsNode(message, true);
}

function replySign(message) {
  const sign = message.querySelector('[data-action="reply"] .icon').cloneNode(true);
  sign.classList.add("message-swipe-sign");
  return sign;
}
