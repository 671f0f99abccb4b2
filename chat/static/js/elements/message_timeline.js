// The messages of the open room: live, complete, in order.

import { connection } from "../models/connection.js";
import { attention } from "../models/my_attention.js";
import { outbox } from "../models/my_outbox.js";
import { people } from "../models/people.js";
import { standings } from "../models/my_standings.js";
import { EndlessList } from "../helpers/endless_list.js";
import { LiveElement } from "../helpers/live_element.js";
import { MessageActions } from "../helpers/message_actions.js";
import { MessageList } from "../helpers/message_list.js";
import { showPerson } from "../helpers/message_view.js";
import { atEndOf } from "../helpers/mutes.js";
import { takeKept } from "../helpers/offline.js";
import { timelineOf } from "../helpers/page_timeline.js";
import { ReadingPosition } from "../helpers/reading_position.js";
import { RovingTabindex } from "../helpers/roving_tabindex.js";
import { RoomLines } from "../helpers/room_lines.js";
import { ScrollPosition } from "../helpers/scroll_position.js";
import { TimelinePlaces } from "../helpers/timeline_places.js";
import { UnreadBar } from "../helpers/unread_bar.js";
import { UnsentMessages } from "../helpers/unsent_messages.js";

export class MessageTimeline extends LiveElement {
  #timeline;
  #list;
  #lines;
  #scroll;
  #reading;
  #unsent;
  #tabindex;
  #actions;
  #endless;
  #bar;
  #places;
  #comesBack = false; // the page was left before
  #isMissingInHello = false; // the last hello did not contain this room

  prepare() {
    const messages = this.querySelector(".messages");
    const isPresent = () => this.#timeline.isPresent;
    this.#timeline = timelineOf(this);
    this.#scroll = new ScrollPosition(this.querySelector(".timeline-scroll"), messages, isPresent);
    this.#list = new MessageList(this, (id) => this.#timeline.find(id));
    this.#lines = new RoomLines(this, this.#timeline, this.#list);
    this.#reading = new ReadingPosition(this, this.#timeline, this.#list, this.#scroll);
    this.#unsent = new UnsentMessages(this, this.#list);
    this.#tabindex = new RovingTabindex(messages);
    this.#actions = new MessageActions(this, this.#parts);
    this.#endless = new EndlessList(this, this.#parts);
    this.#bar = new UnreadBar(this, this.#parts, this.#endless);
    this.#list.joinAll();
    this.#unsent.showAll();
    this.#places = new TimelinePlaces(this, this.#parts);
    this.#places.open();
    this.#listenToOwnParts();
    takeKept(this, this.#timeline);
  }

  enter() {
    this.#listenToServer();
    this.#listenToPage();
    this.#lines.follow();
    if (connection.isOpen) this.#catchUp();
  }

  leave() {
    this.#comesBack = true;
    this.#reading.leave();
  }

  // Names, days and one's role may have changed meanwhile.
  comeBack() {
    this.#list.joinAll();
    for (const person of this.#list.authors) showPerson(this.querySelector(".messages"), person);
    this.#unsent.showAll();
    standings.ask(this.dataset.roomId);
    this.#places.comeBack();
  }

  get actions() {
    return this.#actions;
  }

  get timeline() {
    return this.#timeline;
  }

  get isReading() {
    return this.#reading.isReading;
  }

  get lastOwn() {
    return this.#list.lastOwn;
  }

  // Whether somebody with this role may do it, by the server's table of permissions.
  may(verb) {
    return this.dataset.allowed.split(", ").includes(verb);
  }

  // The message that an element shows.
  message({ dataset }) {
    return this.#timeline.find(dataset.id);
  }

  // Shows the newest messages. Sending a message does so, too.
  goToThePresent() {
    return this.#endless.goToThePresent();
  }

  #listenToServer() {
    const on = (name, action) => this.listen(connection, name, action);
    const onOwn = (name, action) =>
      on(name, (entry) => entry.room_id === this.dataset.roomId && action(entry));
    onOwn("entry", (entry) => this.#timeline.take(entry));
    onOwn("message:posted", (entry) => this.#reading.count(entry));
    on("hello", ({ rooms }) => {
      this.#isMissingInHello = true; // it contains the rooms that were used last; the list of rooms asks about others
      rooms.forEach((item) => this.#resume(item));
    });
    on("room:added", (item) => this.#resume(item));
    on("room:updated", ({ room }) => room.id === this.dataset.roomId && this.#allow(room));
    on("room:heads", ({ [this.dataset.roomId]: seq }) => seq && this.#timeline.reach(seq));
    on("room:read", (read) => this.#reading.noteRead(read));
    this.listen(standings, "standing", (item) => this.#learn(item));
    this.listen(outbox, "change", () => this.#unsent.showAll());
    this.listen(outbox, "sent", (message) => this.#acknowledge(message));
  }

  #listenToPage() {
    const messages = this.querySelector(".messages");
    this.listen(people, "change", (person) => showPerson(messages, person));
    this.listen(attention, "look", () => this.#reading.markRead());
    this.listen(document, "entry", () => this.#places.followHistory());
    this.listen(document, "day", () => this.#list.joinAll());
    this.#bar.follow(this.staySignal);
  }

  #listenToOwnParts() {
    this.#timeline.addEventListener("message", ({ detail }) => this.#show(detail));
    this.#timeline.addEventListener("restart", () => location.reload());
    this.querySelector(".messages").addEventListener("click", (event) => this.#choose(event));
    this.#scroll.addEventListener("move", () => this.#follow());
    this.addEventListener("read", () => this.#showUnread());
    this.#follow();
  }

  // The page came while the connection was open: no hello follows.
  async #catchUp() {
    this.#reading.beginToComeBack();
    await this.#showMissed(() => this.#timeline.refresh());
    if (this.#comesBack) this.#places.goOn();
  }

  // After a hello without this room, and when the page came back.
  #learn(item) {
    if (this.#isMissingInHello) this.#resume(item);
    else if (item.room.id === this.dataset.roomId) this.#allow(item.room);
  }

  // When connected again, or back in the room: fetches what was missed.
  async #resume({ room, head_seq: headSeq, read_seq: readSeq }) {
    if (room.id !== this.dataset.roomId) return;
    this.#isMissingInHello = false;
    this.#allow(room);
    this.#reading.beginToCatchUp(headSeq, readSeq);
    await this.#showMissed(() => this.#timeline.reach(headSeq));
  }

  // What was missed may be more than fits: then its beginning is shown.
  async #showMissed(fetch) {
    const { firstNew: before } = this.#reading;
    const wasAtTheEnd = this.#scroll.isAtTheEnd;
    this.#lines.refresh();
    await fetch();
    this.#reading.endCatchUp();
    if (wasAtTheEnd && this.#reading.firstNew !== before) this.#places.showFirstNew();
    this.#showUnread();
  }

  // One's role decides what one may do here, and it may have changed.
  #allow(room) {
    const { role, archived_at: archivedAt, mute } = room;
    // Some that are shown are gone; without any, the comparison is false.
    if (room.kept_from > Math.max(this.dataset.keptFrom, this.#list.sent[0]?.dataset.seq))
      location.reload();
    const permissions = JSON.parse(this.querySelector(".timeline-permissions").content.textContent);
    const state = archivedAt ? "archived" : mute ? "muted" : "in_use";
    this.dataset.allowed = permissions[role][state].join(", ");
    this.mute = archivedAt ? null : mute;
    atEndOf(mute, () => this.#allow({ ...room, mute: null }));
    this.classList.toggle("timeline-archived", !this.may("post"));
    this.dispatchEvent(new Event("allowed"));
  }

  #show(message) {
    const existing = this.#list.elementOf(message) ?? this.#list.unsentElementOf(message);
    if (!existing) this.#reading.noteArrival(message);
    this.#list.show(message, existing ?? this.#list.copy());
    if (!existing || message.deleted_at) this.#reading.placeNewLine();
    this.#tabindex.rest();
    this.#list.showInReplies(message);
    if (!existing) this.#endless.forgetFarAbove();
    this.#reading.markRead();
    this.#showUnread();
  }

  #acknowledge(message) {
    if (message.room_id !== this.dataset.roomId) return;
    this.#timeline.acknowledge(message);
    this.#unsent.showSent(message);
  }

  #choose(event) {
    this.#places.followReply(event);
    this.#unsent.choose(event);
  }

  #follow() {
    this.#endless.follow();
    this.#reading.markRead();
    this.#bar.show();
  }

  #showUnread() {
    this.#endless.showLink();
    this.#bar.show();
  }

  get #parts() {
    return {
      timeline: this.#timeline,
      list: this.#list,
      scroll: this.#scroll,
      reading: this.#reading,
      unsent: this.#unsent,
      tabindex: this.#tabindex,
    };
  }
}
