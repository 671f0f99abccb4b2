// The most recently used rooms in the sidebar, by their names, and direct ones by their last message,
// with their unread counts. Another room appears with a new message.

import { connection } from "../models/connection.js";
import { standings } from "../models/my_standings.js";
import { LiveElement } from "../helpers/live_element.js";
import { ArrangedRows } from "../helpers/arranged_rows.js";
import { foldSections } from "../helpers/folded_sections.js";
import { hideRoom, sayFarewell } from "../helpers/hidden_rooms.js";
import { goTo } from "../helpers/navigation.js";
import { RovingLinks } from "../helpers/roving_links.js";
import {
  aboutRow,
  fillRoomItem,
  hasRow,
  showCount,
  showDraft,
  showWaiting,
} from "../helpers/room_item.js";

// The links of rows that folding leaves, as in sidebar.css.
const SHOWN =
  ".room-list-group:not([data-folded]) .room-item[data-room-id] > .room-item-link," +
  ":is(.room-item-unread, .room-item:has([aria-current])) > .room-item-link";

export class RoomList extends LiveElement {
  #rows;
  #posted = new Set(); // rooms without a row in which something was said

  prepare() {
    this.#rows = new ArrangedRows(this);
    this.#rows.arrange();
    this.#showDrafts();
    new RovingLinks(this, SHOWN, nameIn);
    foldSections(this);
    this.addEventListener("click", ({ target }) => {
      const row = target.closest(".room-item-hide")?.closest(".room-item");
      if (row) hideRoom(row.dataset.roomId);
    });
  }

  enter() {
    this.listen(connection, "hello", ({ rooms }) => this.#showAll(rooms));
    this.listen(connection, "room:added", (item) => this.#show(item));
    this.listen(connection, "room:updated", ({ room }) => {
      this.#rename(room);
      if (room.kept_from > 1) standings.ask(room.id); // what is gone may have been unread
    });
    this.listen(connection, "room:removed", (removed) => this.#remove(removed.room_id));
    this.listen(connection, "room:heads", (heads) => this.#compare(heads));
    this.listen(connection, "entry", (entry) => this.#count(entry));
    this.listen(connection, "room:read", (read) => this.#read(read));
    this.listen(standings, "standing", (item) => this.#learn(item));
    this.listen(document, "draft", (roomId) => this.#showDrafts(this.#item(roomId)));
    const { staySignal: signal } = this; // of another tab
    window.addEventListener("storage", () => this.#showDrafts(), { signal });
    this.listen(document, "page", (main) => this.#follow(main));
  }

  #showAll(all) {
    const { current } = this.dataset;
    const items = all.filter(
        ({ room, head_seq: seq }) => room.id === current || hasRow({ ...room, seq }),
      ),
      ids = new Set(items.map((item) => item.room.id));
    if (current && !ids.has(current)) standings.ask(current);
    for (const element of this.querySelectorAll("[data-room-id]")) {
      const { roomId, favourite } = element.dataset;
      if (ids.has(roomId)) continue;
      // a favourite may be behind the rooms that a hello contains
      if (favourite === "true") standings.ask(roomId);
      else element.remove();
    }
    items.forEach((item, used) => {
      this.#show(item);
      const { dataset } = this.#item(item.room.id);
      dataset.used = used;
      if (item.room.kind === "direct") dataset.place = items.length + used;
    });
    this.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  #show({ room, unread, mentions, head_seq: headSeq }) {
    const element = this.#item(room.id) ?? this.#insert(room);
    element.dataset.seq = headSeq;
    this.#rename(room);
    if (this.#isBeingRead(room.id)) this.#note(element, 0, 0);
    else this.#note(element, unread, mentions);
  }

  #insert(room) {
    const element = this.querySelector("template").content.firstElementChild.cloneNode(true);
    fillRoomItem(element, room);
    showDraft(element);
    if (room.id === this.dataset.current)
      element.querySelector("a").setAttribute("aria-current", "page");
    this.#place(element, room);
    return element;
  }

  #place(element, { kind, favourite }) {
    const section = favourite ? "favourites" : ({ direct: "direct" }[kind] ?? "rooms");
    const list = this.querySelector(`[data-section="${section}"]`);
    element.dataset.favourite = favourite;
    this.#rows.put(element, list);
  }

  // A new name, another level of notifications, or a favourite that is new or none any more.
  #rename(room) {
    const element = this.#item(room.id);
    if (!element) return room.favourite && standings.ask(room.id);
    const name = element.querySelector(".room-item-name");
    const isNamed = room.kind !== "direct" && name.textContent !== room.name;
    name.textContent = room.name;
    if (isNamed) element.dataset.place = "";
    element.dataset.notifications = room.notifications;
    if (isNamed || element.dataset.favourite !== String(room.favourite)) this.#place(element, room);
    this.#showBadge(element);
  }

  async #remove(roomId) {
    const element = this.#item(roomId);
    element?.remove();
    if (roomId !== this.dataset.current) return;
    await goTo("/rooms", { keepsPage: false });
    sayFarewell(element, roomId);
  }

  // In one row, or in all; null for a draft of no room.
  #showDrafts(row) {
    const rows = row === undefined ? this.querySelectorAll(".room-item") : [row].filter(Boolean);
    rows.forEach(showDraft);
  }

  // Another page is shown.
  #follow(main) {
    const { roomId } = main.dataset;
    const { current: left } = this.dataset;
    this.dataset.current = roomId;
    const row = left !== roomId && this.#item(left);
    if (row && !hasRow(aboutRow(row))) row.remove();
    for (const link of this.querySelectorAll("a[aria-current]"))
      link.removeAttribute("aria-current");
    const current =
      this.#item(roomId)?.querySelector("a") ??
      [...this.querySelectorAll("a")].find((link) => link.pathname === location.pathname);
    current?.setAttribute("aria-current", "page");
    current?.scrollIntoView({ block: "nearest" });
    if (roomId && !this.#item(roomId)) standings.ask(roomId);
    this.#rows.arrange();
    this.#showTotal();
  }

  // After a missed entry, or one that is no new message, the count is unknown: then the server counts.
  #count({ event, room_id: roomId, seq, message }) {
    const element = this.#item(roomId);
    if (!element && event === "message:posted") {
      this.#posted.add(roomId);
      standings.ask(roomId);
    }
    if (!element || seq <= Number(element.dataset.seq)) return;
    const isNext = seq === Number(element.dataset.seq) + 1;
    element.dataset.seq = seq;
    if (event === "message:posted") this.#rows.noteMessage(element);
    const { me } = document.querySelector("#main").dataset;
    const isOwn = message.author.id === me;
    if (this.#isBeingRead(roomId) || (isOwn && event === "message:posted"))
      this.#note(element, 0, 0);
    else if (isNext && event === "message:posted")
      this.#countOne(element, message.mentions_room || message.mentions.includes(me));
    else if (!isNext || event === "message:deleted" || event === "message:edited")
      standings.ask(roomId);
  }

  #countOne(element, callsMe) {
    const { unread, mentions } = element.dataset;
    this.#note(element, Number(unread) + 1, Number(mentions) + (callsMe ? 1 : 0));
  }

  // Another device has read, or marked something unread: at the head nothing is unread, before it the
  // server counts.
  #read({ room_id: roomId, user_id: reader, seq }) {
    const element = this.#item(roomId);
    if (!element || reader !== document.querySelector("#main").dataset.me) return;
    if (seq >= Number(element.dataset.seq)) this.#note(element, 0, 0);
    else standings.ask(roomId);
  }

  #compare(heads) {
    for (const [roomId, headSeq] of Object.entries(heads)) {
      if (headSeq > Number(this.#item(roomId)?.dataset.seq ?? 0)) standings.ask(roomId);
    }
  }

  // A count that is older than the newest entry here is requested again. A room without unread
  // messages need not move to the top.
  #learn(item) {
    const { id } = item.room,
      element = this.#item(id);
    const isWanted =
      this.#posted.delete(id) || item.unread || item.room.favourite || id === this.dataset.current;
    if (!element && !isWanted) return;
    if (item.head_seq < Number(element?.dataset.seq ?? 0)) standings.ask(id);
    else this.#show(item);
  }

  #note(element, unread, mentions) {
    Object.assign(element.dataset, { unread, mentions });
    this.#showBadge(element);
  }

  #showBadge(element) {
    showWaiting(element);
    this.#rows.arrange();
    this.#showTotal();
  }

  // Shows the number of mentions, and in the title, which other tabs show, the number of unread rooms.
  // Dispatches both as "waiting" on the document.
  #showTotal() {
    const loud = [...this.querySelectorAll(".room-item")].filter(
      ({ dataset }) => dataset.notifications !== "nothing",
    );
    const mentions = loud.reduce((sum, { dataset }) => sum + Number(dataset.mentions), 0);
    showCount(this.querySelector(".sidebar-mentions .badge"), mentions);
    const rooms = this.querySelectorAll(".room-item-unread").length;
    document.dispatchEvent(new CustomEvent("waiting", { detail: { rooms, mentions } }));
    document.title = (rooms ? `(${rooms}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  }

  #isBeingRead(roomId) {
    return (
      roomId === this.dataset.current &&
      Boolean(document.querySelector("message-timeline")?.isReading)
    );
  }

  #item(roomId) {
    return this.querySelector(`[data-room-id="${CSS.escape(roomId)}"]`);
  }
}

function nameIn(link) {
  return link.querySelector(".room-item-name").textContent;
}
