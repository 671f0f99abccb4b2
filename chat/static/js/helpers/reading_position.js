// How far somebody has read in a room, and the line "New" above the first message that is new to them.

import { connection } from "../models/connection.js";
import { attention } from "../models/my_attention.js";
import { joinWithNeighbour } from "./neighbours.js";

const READ_AFTER = 300; // ms

export class ReadingPosition {
  // After "Mark unread from here" only opening the room again, or writing in it, reads it.
  isKeptUnread = false;
  #element;
  #timeline;
  #list;
  #scroll;
  #timer;
  #wasGreeted = false; // there was a hello before
  #isMissed = false; // what arrives now was posted while the connection was dead
  #newAfter; // seq of the last message that was read when the line was drawn

  // `element` is the timeline on the page, `timeline` what it knows, `list` its MessageList,
  // `scroll` its ScrollPosition.
  constructor(element, timeline, list, scroll) {
    this.#element = element;
    this.#timeline = timeline;
    this.#list = list;
    this.#scroll = scroll;
    this.#newAfter = this.#readSeq || Infinity; // on a first visit nothing is new
  }

  // Whether what arrives is read as it arrives.
  get isReading() {
    const isSeen = this.#element.isConnected && this.#scroll.isAtTheEnd && attention.isLooking;
    return isSeen && this.#timeline.isPresent && !this.isKeptUnread;
  }

  // The connection was open before the room was.
  noteGreeting() {
    this.#wasGreeted = true;
  }

  markRead() {
    clearTimeout(this.#timer);
    if (!this.isReading || !connection.isOpen) return;
    this.#timer = setTimeout(() => this.#sendRead(), READ_AFTER);
  }

  async markUnread(seq) {
    this.isKeptUnread = true;
    try {
      await connection.send("room:read", { room_id: this.#element.dataset.roomId, seq: seq - 1 });
    } catch (error) {
      this.isKeptUnread = false;
      throw error;
    }
  }

  // Events of two devices may arrive in the other order: only "mark unread" takes the position back.
  noteRead({ room_id: roomId, user_id: reader, seq, goes_back: goesBack = false }) {
    const isMine = roomId === this.#element.dataset.roomId && reader === this.#list.me;
    if (isMine && (goesBack || seq > this.#readSeq)) this.#setReadSeq(seq, goesBack);
  }

  // The connection is open again: what was posted meanwhile comes next.
  beginToCatchUp(headSeq, readSeq) {
    this.#setReadSeq(readSeq, readSeq < this.#readSeq); // another device may have marked it unread
    this.#isMissed = this.#wasGreeted && headSeq > this.#timeline.lastSeq;
    this.#wasGreeted = true;
    if (this.#isMissed) this.#newAfter = this.isReading ? this.#timeline.lastSeq : readSeq;
  }

  endCatchUp() {
    this.#isMissed = false;
    this.markRead();
  }

  // What arrives while nobody looks is new, and what was posted while the connection was dead.
  noteArrival({ seq }) {
    if (this.#isMissed) return;
    if (!this.isReading) this.#newAfter = this.#readSeq;
    else if (!this.#line) this.#newAfter = seq;
  }

  // Above the first message that nobody had read when it arrived.
  placeNewLine() {
    const before = this.#line?.closest(".message");
    const first = this.#firstNew();
    if (before === first) return;
    if (before) this.#showLine(before, false);
    if (first) this.#showLine(first, true);
  }

  get #readSeq() {
    return Number(this.#element.dataset.readSeq);
  }

  get #line() {
    return this.#element.querySelector(".message-new:not([hidden])");
  }

  // Marked unread, scrolled away or hidden meanwhile: nothing is sent.
  #sendRead() {
    if (!this.isReading) return;
    const seq = this.#timeline.lastSeq;
    if (seq <= this.#readSeq) return; // another tab was quicker
    const payload = { room_id: this.#element.dataset.roomId, seq, forward_only: true };
    connection.send("room:read", payload).catch(() => {}); // the next message or visit sends it again
  }

  #setReadSeq(seq, goesBack) {
    this.#element.dataset.readSeq = seq;
    if (!goesBack) return;
    this.isKeptUnread = true;
    this.#newAfter = seq;
    this.placeNewLine();
  }

  // Undefined where there is none, or where it is not fetched yet.
  #firstNew() {
    if (this.#timeline.firstSeq > this.#newAfter) return undefined;
    const isNew = ({ dataset }) =>
      Number(dataset.seq) > this.#newAfter && dataset.authorId !== this.#list.me;
    return this.#list.elements.find(isNew);
  }

  #showLine(message, isShown) {
    message.querySelector(".message-new").hidden = !isShown;
    joinWithNeighbour(message);
  }
}
