// How far somebody has read in a room, and the line "New" above the first message that is new to them.
// Read is what was in sight while somebody looked.

import { connection } from "../models/connection.js";
import { attention } from "../models/my_attention.js";
import { joinWithNeighbour } from "./neighbours.js";

const READ_AFTER = 300; // ms

export class ReadingPosition {
  // After "Mark unread from here" only opening the room again, or writing in it, reads it.
  isKeptUnread = false;
  hasPassedLine = false; // the line was in sight, or below: what comes before it was seen
  #element;
  #timeline;
  #list;
  #scroll;
  #timer = null;
  #wasGreeted = false; // there was a hello before
  #isMissed = false; // what arrives now was posted while nobody could see it
  #isVisitSent = false; // the server knows that the person was here, whatever there was to read
  #newAfter; // seq of the last message that was read when the line was drawn
  #newSeqs = new Set(); // of the messages below the line that were shown at some time
  #newCount = 0; // how many messages are below the line, also those that are not fetched

  // `element` is the timeline on the page, `timeline` what it knows, `list` its MessageList,
  // `scroll` its ScrollPosition.
  constructor(element, timeline, list, scroll) {
    this.#element = element;
    this.#timeline = timeline;
    this.#list = list;
    this.#scroll = scroll;
    this.#newAfter = Number(element.dataset.newAfter || Infinity);
  }

  get readSeq() {
    return Number(this.#element.dataset.readSeq);
  }

  // The first message that is new, or null. It stays until another one is drawn.
  get firstNew() {
    return this.#line?.closest(".message") ?? null;
  }

  // Whether the first new message is before those that are shown now.
  get isFirstNewAway() {
    return this.#timeline.firstSeq > this.#newAfter + 1;
  }

  // Where the first new message is, seen from here: "above", "in sight" or "below"; null where none is new.
  get placeOfNew() {
    const { firstNew } = this;
    if (this.isFirstNewAway || (firstNew && this.#scroll.isAbove(firstNew))) return "above";
    if (firstNew) return this.#scroll.isBelow(firstNew) ? "below" : "in sight";
    const isBeyond = !this.#timeline.isPresent && this.#newAfter < Infinity; // after a page of the past
    return isBeyond && this.countNew() ? "below" : null;
  }

  // The seq after which messages are new.
  get newAfter() {
    return this.#newAfter;
  }

  // Whether what arrives is read as it arrives.
  get isReading() {
    return this.#isLooking && this.#scroll.isAtTheEnd && this.#timeline.isPresent;
  }

  // The new messages of others that are shown and not read.
  get unread() {
    return this.#list.elements.filter((each) => this.#isOthers(each, this.readSeq));
  }

  // How many there are, also of those that are not fetched.
  get unreadCount() {
    return this.#timeline.isPresent ? this.unread.length : Number(this.#element.dataset.unread);
  }

  // A message that arrives behind a page of the past.
  count({ message }) {
    if (this.#timeline.isPresent) return;
    if (message.author.id !== this.#list.me) {
      if (!this.unreadCount) this.#drawAfter(this.readSeq);
      this.#newCount = this.countNew() + 1;
      this.#element.dataset.unread = this.unreadCount + 1;
      this.placeNewLine();
    }
    this.#element.dispatchEvent(new Event("read"));
  }

  // How many messages are below the line, also those that were read or let go of since.
  countNew() {
    for (const each of this.#list.elements)
      if (this.#isOthers(each, this.#newAfter)) this.#newSeqs.add(each.dataset.seq);
    this.#newCount = Math.max(this.#newCount, this.#newSeqs.size, this.unreadCount);
    return this.#newCount;
  }

  // Soon, if somebody still looks then.
  markRead() {
    if (!this.#isLooking || !connection.isOpen) return;
    if (this.firstNew && !this.#scroll.isAbove(this.firstNew)) this.hasPassedLine = true;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#sendRead(this.#seenSeq);
    }, READ_AFTER);
  }

  // Everything, seen or not.
  markAllRead() {
    this.isKeptUnread = false;
    this.#sendRead(this.#timeline.lastSeq);
  }

  // Whether one of the messages here, from that one on, can be unread: own ones never are.
  hasOthersFrom(seq) {
    return this.#list.elements.some((each) => this.#isOthers(each, seq - 1));
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
    if (isMine && (goesBack || seq > this.readSeq)) this.#setReadSeq(seq, goesBack);
  }

  // Called before the missed messages are fetched: decides where the line “New” goes.
  beginToCatchUp(headSeq, readSeq) {
    this.#setReadSeq(readSeq, readSeq < this.readSeq); // another device may have marked it unread
    this.#isMissed = this.#wasGreeted && headSeq > this.#timeline.lastSeq;
    this.#wasGreeted = true;
    if (this.#isMissed) this.#drawAfter(this.isReading ? this.#timeline.lastSeq : readSeq);
  }

  // The page comes while the connection is open: what was posted meanwhile comes next.
  beginToComeBack() {
    this.#isMissed = this.#wasGreeted;
    this.#wasGreeted = true;
  }

  // Who only passes by reads nothing. The next visit draws a line of its own.
  leave() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.isKeptUnread = false;
    this.#isVisitSent = false;
    this.#drawAfter(this.readSeq);
  }

  endCatchUp() {
    this.#isMissed = false;
    this.placeNewLine();
    this.markRead();
  }

  // What arrives while nobody looks is new, and what was posted while the connection was dead.
  noteArrival({ seq }) {
    if (this.#isMissed) return;
    if (!this.isReading) this.#drawAfter(this.readSeq);
    else if (!this.#line && !this.#isLineAhead) this.#drawAfter(seq);
  }

  // Above the first message that nobody had read when it arrived.
  placeNewLine() {
    const before = this.firstNew;
    const first = this.#findFirstNew();
    if (before === first) return;
    if (before) this.#showLine(before, false);
    if (first) this.#showLine(first, true);
  }

  get #isLooking() {
    return this.#element.isConnected && attention.isLooking && !this.isKeptUnread;
  }

  get #line() {
    return this.#element.querySelector(".message-new:not([hidden])");
  }

  // The line is above what is shown, and nobody has come as far up as to it.
  get #isLineAhead() {
    return this.isFirstNewAway && !this.hasPassedLine;
  }

  // At the end everything was seen; before it, what is in sight, if nothing new above was left out.
  get #seenSeq() {
    if (this.isReading) return this.#timeline.lastSeq;
    const isAll = this.#timeline.firstSeq <= this.readSeq + 1 && this.hasPassedLine;
    if (!this.#isLooking || !isAll) return 0;
    return Number(this.#scroll.lastInSight?.dataset.seq ?? 0);
  }

  #isOthers({ dataset, classList }, after) {
    if (classList.contains("message-deleted")) return false;
    return Number(dataset.seq) > after && dataset.authorId !== this.#list.me;
  }

  #drawAfter(seq) {
    if (seq === this.#newAfter) return;
    this.hasPassedLine = false;
    this.#newAfter = seq;
    this.#newSeqs.clear();
    this.#newCount = 0;
  }

  // Once a visit also where there is nothing to read: the server may not have seen it, because the
  // page was kept, or fetched ahead. The next message or visit sends it again if it does not arrive.
  async #sendRead(seq) {
    const isVisit = this.#isLooking && !this.#isVisitSent;
    if (seq <= this.readSeq && !isVisit) return; // another tab was quicker
    this.#isVisitSent = true;
    const payload = { room_id: this.#element.dataset.roomId, seq, forward_only: true };
    try {
      const { read_seq: readSeq, unread } = await connection.send("room:read", payload);
      this.#element.dataset.unread = unread;
      this.#setReadSeq(Math.max(readSeq, this.readSeq), false);
    } catch (error) {
      console.warn(error.message);
    }
  }

  #setReadSeq(seq, goesBack) {
    this.#element.dataset.readSeq = seq;
    this.#element.dispatchEvent(new Event("read"));
    if (!goesBack) return;
    this.isKeptUnread = true;
    this.#drawAfter(seq);
    this.placeNewLine();
  }

  // Null where there is none, or where it is not fetched yet.
  #findFirstNew() {
    if (this.isFirstNewAway) return null;
    return this.#list.elements.find((each) => this.#isOthers(each, this.#newAfter)) ?? null;
  }

  #showLine(message, isShown) {
    message.querySelector(".message-new").hidden = !isShown;
    joinWithNeighbour(message);
  }
}
