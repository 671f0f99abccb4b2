// The messages of the open room: live, complete, in order.

import { connection } from "../models/connection.js";
import { attention } from "../models/my_attention.js";
import { outbox } from "../models/my_outbox.js";
import { people } from "../models/people.js";
import { standings } from "../models/my_standings.js";
import { Timeline } from "../models/timeline.js";
import { getJson } from "../helpers/api.js";
import { keepFocus } from "../helpers/kept_focus.js";
import { showMessage, showPerson, showReply, showUnsentMessage } from "../helpers/message_view.js";
import { joinWithNeighbour } from "../helpers/neighbours.js";
import { ScrollPosition } from "../helpers/scroll_position.js";
import { Walk } from "../helpers/walk.js";

const NEAR_THE_EDGE = 600; // px; whoever is this close to the oldest message gets the ones before, or to the newest those after
const CATCH_UP = 500; // entries asked for at once
const READ_AFTER = 300; // ms
const NOTICE_LASTS = 6_000; // ms

export class MessageTimeline extends HTMLElement {
  #timeline;
  #list;
  #scroll;
  #position;
  #readTimer;
  #noticeTimer;
  #isFetching = false;
  #isUntold = false; // the last hello did not tell of this room
  #wasGreeted = false; // there was a hello before
  #isMissed = false; // what comes now came while the line was dead
  #isKeptUnread = false; // somebody said "mark unread from here": only opening the room again, or writing, reads it
  #newAfter; // seq of what was read last when the line "New" was drawn
  #walk;

  connectedCallback() {
    this.#list = this.querySelector(".messages");
    this.#scroll = this.querySelector(".timeline-scroll");
    this.#newAfter = Number(this.dataset.readSeq) || Infinity; // to whoever was never here nothing is new
    this.#position = new ScrollPosition(this.#scroll, this.#list, () => this.#timeline.isPresent);
    this.#makeTimeline();
    this.#joinAll();
    this.#openWhereAsked();
    this.#listen();
    this.#walk = new Walk(this.#list);
  }

  get timeline() {
    return this.#timeline;
  }

  // Whether what arrives is read as it arrives.
  get isReading() {
    const isSeen = this.#position.isAtTheEnd && attention.isLooking;
    return isSeen && this.#timeline.isPresent && !this.#isKeptUnread;
  }

  // Whether somebody with this role may do it, by the server's table of permissions.
  may(verb) {
    return this.dataset.allowed.split(", ").includes(verb);
  }

  // The message that an element shows.
  message({ dataset }) {
    return this.#timeline.find(dataset.id);
  }

  // The newest own message that can be edited, as an element; undefined where there is none.
  get lastOwn() {
    return [...this.#list.children].findLast(
      ({ dataset, classList }) =>
        dataset.seq && dataset.authorId === this.#me && !classList.contains("message-deleted"),
    );
  }

  // Does something to a message, and shows at once what became of it, or why it did not. Whether it did.
  async change(event, payload) {
    try {
      this.#timeline.acknowledge((await connection.send(event, payload)).message);
      return true;
    } catch (error) {
      this.say(error.message);
      return false;
    }
  }

  async markUnread({ dataset }) {
    this.#isKeptUnread = true;
    try {
      await connection.send("room:read", {
        room_id: this.dataset.roomId,
        seq: Number(dataset.seq) - 1,
      });
    } catch (error) {
      this.#isKeptUnread = false;
      this.say(error.message);
    }
  }

  // A word about what somebody just did.
  say(text) {
    const notice = this.querySelector(".timeline-notice");
    notice.textContent = text;
    notice.hidden = false;
    clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => (notice.hidden = true), NOTICE_LASTS);
  }

  // From a page of the past to the newest messages. Whoever writes is there as well.
  async goToThePresent() {
    this.#isKeptUnread = false;
    try {
      if (!this.#timeline.isPresent) await this.#fetchPresent();
    } finally {
      this.#position.goToTheEnd(); // where what was written waits, should the present not come
    }
  }

  #makeTimeline() {
    const room_id = this.dataset.roomId;
    const messages = JSON.parse(this.querySelector(".timeline-messages").content.textContent);
    const lastSeq = Number(this.dataset.headSeq);
    this.#timeline = new Timeline({
      firstSeq: this.#hasBefore ? (messages[0]?.seq ?? lastSeq + 1) : 0,
      untilSeq: this.#hasAfter ? (messages.at(-1)?.seq ?? 0) : Infinity,
      lastSeq,
      askFor: (after) => connection.insist("room:catch_up", { room_id, after, limit: CATCH_UP }),
    });
    this.#timeline.know(messages);
    for (const { author } of messages) people.know(author);
  }

  #listen() {
    connection.addEventListener("entry", ({ detail }) => this.#take(detail));
    connection.addEventListener("user:updated", ({ detail }) => people.know(detail.user));
    people.addEventListener("change", ({ detail }) => showPerson(this.#list, detail));
    connection.addEventListener("hello", ({ detail }) => this.#hearHello(detail));
    standings.addEventListener("standing", ({ detail }) => this.#isUntold && this.#resume(detail));
    connection.addEventListener("room:added", ({ detail }) => this.#resume(detail));
    connection.addEventListener(
      "room:updated",
      ({ detail }) => detail.room.id === this.dataset.roomId && this.#allow(detail.room),
    );
    connection.addEventListener("room:heads", ({ detail }) =>
      this.#reach(detail[this.dataset.roomId]),
    );
    this.#timeline.addEventListener("message", ({ detail }) => this.#show(detail));
    this.#timeline.addEventListener("restart", () => location.reload());
    outbox.addEventListener("change", () => this.#showUnsent());
    outbox.addEventListener(
      "sent",
      ({ detail }) => detail.room_id === this.dataset.roomId && this.#acknowledge(detail),
    );
    this.#list.addEventListener("click", (event) => this.#choose(event));
    this.querySelector(".timeline-earlier").addEventListener("click", (event) =>
      this.#fetchEarlier(event),
    );
    this.querySelector(".timeline-later").addEventListener("click", (event) =>
      this.#fetchLater(event),
    );
    this.querySelector(".timeline-newest").addEventListener("click", (event) =>
      this.#leadToThePresent(event),
    );
    attention.addEventListener("look", () => this.#markRead());
    document.addEventListener("day", () => this.#joinAll());
    connection.addEventListener(
      "room:read",
      ({ detail }) => detail.room_id === this.dataset.roomId && this.#hearRead(detail),
    );
    this.#position.addEventListener("move", () => this.#follow());
  }

  #take(entry) {
    people.know(entry.message.author);
    if (entry.room_id === this.dataset.roomId) this.#timeline.take(entry);
  }

  // It tells of the rooms that were used last; of another one the list of rooms asks.
  #hearHello({ rooms }) {
    this.#isUntold = true;
    rooms.forEach((item) => this.#resume(item));
  }

  // Where we are again connected, or again in the room: what was missed.
  async #resume({ room, head_seq: headSeq, read_seq: readSeq }) {
    if (room.id !== this.dataset.roomId) return;
    this.#isUntold = false;
    this.#allow(room);
    this.#knowRead(readSeq);
    this.#isMissed = this.#wasGreeted && headSeq > this.#timeline.lastSeq;
    this.#wasGreeted = true;
    if (this.#isMissed) this.#newAfter = this.isReading ? this.#timeline.lastSeq : readSeq;
    await this.#reach(headSeq);
    this.#isMissed = false;
    this.#markRead();
  }

  // What one may do here goes with one's role, which may have changed.
  #allow({ role, archived_at: archivedAt }) {
    const permissions = JSON.parse(this.querySelector(".timeline-permissions").content.textContent);
    this.dataset.allowed = permissions[role][archivedAt ? "archived" : "in_use"].join(", ");
    this.classList.toggle("timeline-archived", !this.may("post"));
    this.dispatchEvent(new Event("allowed"));
  }

  async #reach(headSeq) {
    if (headSeq !== undefined) await this.#timeline.reach(headSeq);
  }

  #show(message) {
    const existing =
      this.#list.querySelector(`[data-id="${CSS.escape(message.id)}"]`) ??
      this.#unsentElement(message);
    if (!existing) this.#noteArrival(message);
    const element = this.#render(message, existing ?? this.#copy());
    if (!existing) this.#placeNewLine();
    this.#walk.rest();
    for (const link of this.#list.querySelectorAll(`[data-reply-id="${CSS.escape(message.id)}"]`)) {
      showReply(link.closest(".message"), message, this.#room);
    }
    const isNewest = !existing && !element.nextElementSibling?.dataset.seq;
    if (isNewest && !this.#position.isAtTheEnd) this.#offerNewest();
    this.#markRead();
  }

  // What comes while nobody looks is new, and what came while the line was dead.
  #noteArrival({ seq }) {
    if (this.#isMissed) return;
    if (!this.isReading) this.#newAfter = Number(this.dataset.readSeq);
    else if (!this.#newLine) this.#newAfter = seq;
  }

  // What it answers may have been changed after the message itself was told.
  #render(message, element) {
    const answered =
      message.reply_to && (this.#timeline.find(message.reply_to.id) ?? message.reply_to);
    showMessage(element, { ...message, reply_to: answered }, this.#look);
    this.#place(element, message.seq);
    return element;
  }

  // older messages

  async #fetchEarlier(event) {
    event?.preventDefault();
    if (this.#isFetching || !this.#hasBefore) return;
    this.#setFetching(true);
    const { firstSeq } = this.#timeline;
    try {
      const page = await this.#fetchPage(`?before=${firstSeq}`);
      if (this.#timeline.firstSeq === firstSeq) this.#prepend(page); // else somebody went to the present meanwhile
    } catch (error) {
      console.warn(error.message); // the link stays, and scrolling asks again
    } finally {
      this.#setFetching(false);
    }
  }

  // What comes then is not read aloud: it is no news.
  #setFetching(isFetching) {
    this.#isFetching = isFetching;
    this.#list.ariaBusy = isFetching;
  }

  async #fetchPage(query) {
    const page = await getJson(`/rooms/${this.dataset.roomId}/messages${query}`);
    for (const { author } of page.messages) people.know(author);
    return page;
  }

  #prepend({ messages, has_before: hasBefore }) {
    this.#showBeginning(hasBefore);
    for (const message of this.#timeline.merge(messages, hasBefore ? messages[0].seq : 0))
      this.#render(message, this.#copy());
    this.#placeNewLine();
  }

  #showBeginning(hasBefore) {
    this.dataset.hasBefore = hasBefore;
    const more = this.querySelector(".timeline-more");
    keepFocus(more, () => (more.hidden = !hasBefore), this.#scroll);
    this.querySelector(".timeline-begin").hidden = hasBefore;
  }

  get #hasBefore() {
    return this.dataset.hasBefore === "true";
  }

  // newer messages, on a page of the past

  async #fetchLater(event) {
    event?.preventDefault();
    if (this.#isFetching || this.#timeline.isPresent) return;
    this.#setFetching(true);
    try {
      const { messages, has_after: hasAfter } = await this.#fetchPage(
        `?after=${this.#timeline.untilSeq}`,
      );
      if (this.#timeline.isPresent) return; // somebody went there meanwhile
      const untilSeq = hasAfter ? messages.at(-1).seq : Infinity;
      for (const message of this.#timeline.merge(messages, this.#timeline.firstSeq, untilSeq))
        this.#renderNewer(message);
      this.#showEnd(hasAfter);
    } catch (error) {
      console.warn(error.message); // the link stays, and scrolling asks again
    } finally {
      this.#setFetching(false);
    }
    this.#placeNewLine();
    this.#markRead();
  }

  // What lies between is left out: going up brings it.
  async #fetchPresent() {
    this.#setFetching(true);
    try {
      this.#showPresent(await this.#fetchPage(""));
    } finally {
      this.#setFetching(false);
    }
  }

  #showPresent({ messages, has_before: hasBefore, has_after: hasAfter }) {
    for (const element of [...this.#list.children]) if (element.dataset.seq) element.remove();
    for (const message of this.#timeline.merge(messages, hasBefore ? messages[0].seq : 0, Infinity))
      this.#renderNewer(message);
    const isFurtherUp = ({ dataset }) => dataset.state === "sent";
    for (const element of this.#unsentElements().filter(isFurtherUp)) this.#remove(element);
    this.#showBeginning(hasBefore);
    this.#showEnd(hasAfter);
    this.#placeNewLine();
    this.#walk.rest();
    history.replaceState(null, "", this.#room);
  }

  // What was written here may be fetched before the outbox hears that it has arrived.
  #renderNewer(message) {
    this.#render(message, this.#unsentElement(message) ?? this.#copy());
  }

  async #leadToThePresent(event) {
    event.preventDefault();
    try {
      await this.goToThePresent();
      this.#scroll.focus({ preventScroll: true }); // the link is gone
    } catch {
      location.assign(event.target.href); // the browser says why not
    }
  }

  #showEnd(hasAfter) {
    this.dataset.hasAfter = hasAfter;
    const more = this.querySelector(".timeline-later").parentElement;
    keepFocus(more, () => (more.hidden = !hasAfter), this.#scroll);
    this.querySelector(".timeline-newest").hidden = !hasAfter;
  }

  get #hasAfter() {
    return this.dataset.hasAfter === "true";
  }

  // what is not sent yet

  #showUnsent() {
    const unsent = outbox.unsent.filter((message) => message.room_id === this.dataset.roomId);
    const ids = new Set(unsent.map((message) => message.client_id));
    const isOver = ({ dataset }) => !ids.has(dataset.clientId) && dataset.state !== "sent";
    for (const element of this.#unsentElements()) if (isOver(element)) this.#remove(element);
    for (const message of unsent) this.#showUnsentMessage(message);
  }

  #remove(element) {
    const next = element.nextElementSibling;
    keepFocus(element, () => element.remove(), document.querySelector(".composer-body"));
    if (next) joinWithNeighbour(next);
  }

  #showUnsentMessage(message) {
    const known = this.#ownElement(message.client_id);
    if (known?.dataset.seq || known?.dataset.state === message.state) return; // it has arrived; or is shown as it is
    const element = known ?? this.#list.appendChild(this.#copy());
    Object.assign(element.dataset, {
      clientId: message.client_id,
      authorId: this.#me,
      createdAt: message.written_at,
      state: message.state,
    });
    element.classList.toggle("message-pending", message.state === "waiting");
    element.classList.toggle("message-failed", message.state === "failed");
    showUnsentMessage(element, message, this.#myself, this.#look);
    this.#showState(element, message);
    joinWithNeighbour(element);
  }

  get #myself() {
    const { myName, myUsername, myAvatar } = document.querySelector("#main").dataset;
    return {
      id: this.#me,
      username: myUsername,
      display_name: myName,
      shows_username: Boolean(myUsername),
      avatar_url: myAvatar,
    };
  }

  #showState(element, { state, problem, images }) {
    const note = element.querySelector(".message-state");
    note.hidden = false;
    if (state === "waiting") return note.replaceChildren("Waiting to be sent");
    const edit = images.length ? [] : [choice("edit", "Edit")]; // pictures do not go back into the composer
    note.replaceChildren(
      `Not sent: ${problem} `,
      choice("retry", "Retry"),
      ...edit,
      choice("discard", "Discard"),
    );
    this.querySelector(".timeline-status").textContent = `A message was not sent: ${problem}`;
  }

  // What to do with a message that failed; the composer does it. And an answered message that is shown here is gone to.
  #choose(event) {
    const { target } = event;
    const { hash } = target.closest(".message-reply") ?? {};
    if (hash && document.getElementById(hash.slice(1))) {
      event.preventDefault();
      location.hash = hash;
      this.#position.goTo(document.getElementById(hash.slice(1)));
    }
    if (!target.dataset.choice) return;
    const { clientId } = target.closest(".message").dataset;
    const detail = outbox.unsent.find((message) => message.client_id === clientId);
    if (detail) this.dispatchEvent(new CustomEvent(target.dataset.choice, { detail }));
  }

  // Under the newest own message stands that it has arrived.
  #acknowledge(message) {
    this.#timeline.acknowledge(message);
    this.#showSent(this.querySelector(".message-sent"), false);
    this.#showSent(this.#ownElement(message.client_id), true);
  }

  // On a page of the past what was sent waits below it, until what lies between is fetched.
  #keepBelow(element) {
    element.dataset.state = "sent";
    element.classList.remove("message-pending");
  }

  #showSent(element, isNewest) {
    if (!element) return; // older than what is shown here
    if (isNewest && !element.dataset.seq) this.#keepBelow(element);
    element.classList.toggle("message-sent", isNewest);
    element.querySelector(".message-state").hidden = !isNewest;
    element.querySelector(".message-state").textContent = "✓ Sent";
  }

  #unsentElements() {
    return [...this.#list.children].filter(({ dataset }) => !dataset.seq);
  }

  // Where this message waited, if it is one of ours.
  #unsentElement({ client_id: clientId, author }) {
    return author.id === this.#me ? this.#ownElement(clientId) : null;
  }

  #ownElement(clientId) {
    return this.#list.querySelector(
      `[data-client-id="${CSS.escape(clientId)}"][data-author-id="${CSS.escape(this.#me)}"]`,
    );
  }

  // where a message stands

  // In the order of seq, before everything that is still on its way.
  #place(element, seq) {
    const after =
      [...this.#list.children].find(({ dataset }) => !dataset.seq || Number(dataset.seq) > seq) ??
      null;
    if (element.nextElementSibling !== after || !element.isConnected)
      this.#list.insertBefore(element, after);
    joinWithNeighbour(element);
    if (element.nextElementSibling) joinWithNeighbour(element.nextElementSibling);
  }

  // The server knows no time zone of its readers, and days begin at other moments in another one.
  #joinAll() {
    for (const element of this.#list.children) joinWithNeighbour(element);
  }

  // what is read, and what is new

  #markRead() {
    clearTimeout(this.#readTimer);
    if (!this.isReading || !connection.isOpen) return;
    this.#readTimer = setTimeout(() => {
      if (!this.isReading) return; // marked unread, scrolled away or hidden meanwhile
      // Another tab may be further: only "mark unread" takes the position back.
      const payload = {
        room_id: this.dataset.roomId,
        seq: this.#timeline.lastSeq,
        forward_only: true,
      };
      if (payload.seq <= Number(this.dataset.readSeq)) return; // another tab was quicker
      connection.send("room:read", payload).catch(() => {}); // unread stays unread; the next message or visit says it again
    }, READ_AFTER);
  }

  // Words of two devices that arrive in the other order take nothing back: only who marked something unread says so.
  #hearRead({ user_id: reader, seq, goes_back: goesBack = false }) {
    if (reader === this.#me && (goesBack || seq > Number(this.dataset.readSeq)))
      this.#knowRead(seq, goesBack);
  }

  // Another device may have marked as unread what is read here: then it stays so.
  #knowRead(seq, goesBack = seq < Number(this.dataset.readSeq)) {
    this.dataset.readSeq = seq;
    if (!goesBack) return;
    this.#isKeptUnread = true;
    this.#newAfter = seq;
    this.#placeNewLine();
  }

  // Above the first message that was not read when it came.
  #placeNewLine() {
    const isNew = ({ dataset }) =>
      Number(dataset.seq) > this.#newAfter && dataset.authorId !== this.#me;
    const before = this.#newLine?.closest(".message");
    const first =
      this.#timeline.firstSeq <= this.#newAfter ? [...this.#list.children].find(isNew) : undefined; // else it is not fetched
    if (before === first) return;
    if (before) this.#showNewLine(before, false);
    if (first) this.#showNewLine(first, true);
  }

  get #newLine() {
    return this.#list.querySelector(".message-new:not([hidden])");
  }

  #showNewLine(element, isNew) {
    element.querySelector(".message-new").hidden = !isNew;
    joinWithNeighbour(element);
  }

  #follow() {
    if (this.#scroll.scrollTop < NEAR_THE_EDGE) this.#fetchEarlier();
    if (this.#position.distanceToTheEnd < NEAR_THE_EDGE) this.#fetchLater();
    if (!this.#position.isAtTheEnd || !this.#timeline.isPresent) return;
    this.querySelector(".timeline-newest").hidden = true;
    this.#markRead();
  }

  #offerNewest() {
    this.querySelector(".timeline-newest").hidden = false;
  }

  // The message that the address names, or the end.
  #openWhereAsked() {
    const wanted = location.hash.startsWith("#message-") && this.querySelector(location.hash);
    if (wanted) this.#position.goTo(wanted);
    else if (!this.#hasAfter) this.#position.goToTheEnd();
  }

  get #room() {
    return `/rooms/${this.dataset.roomId}`;
  }

  get #look() {
    const copyOf = (name) =>
      this.querySelector(`:scope > .${name}-template`).content.firstElementChild;
    return {
      templates: { image: copyOf("message-image"), reaction: copyOf("reaction") },
      me: this.#me,
      room: this.#room,
    };
  }

  get #me() {
    return document.querySelector("#main").dataset.me;
  }

  #copy() {
    return this.querySelector(":scope > .message-template").content.firstElementChild.cloneNode(
      true,
    );
  }
}

function choice(name, text) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "message-choice", textContent: text });
  button.dataset.choice = name;
  return button;
}
