// The rooms in the sidebar, with how many messages wait in each.

import { connection } from "../models/connection.js";
import { getJson } from "../helpers/api.js";

const MOST = 1000;      // the server counts no further
const ASK_WITHIN = 500; // ms, by chance: a thousand browsers may have missed the same

export class RoomList extends HTMLElement {
  #asking;

  connectedCallback() {
    connection.addEventListener("hello", ({ detail }) => this.#showAll(detail.rooms));
    connection.addEventListener("room:added", ({ detail }) => this.#show(detail));
    connection.addEventListener("room:updated", ({ detail }) => this.#rename(detail.room));
    connection.addEventListener("room:removed", ({ detail }) => this.#remove(detail.room_id));
    connection.addEventListener("room:heads", ({ detail }) => this.#compare(detail));
    connection.addEventListener("entry", ({ detail }) => this.#count(detail));
    connection.addEventListener("room:read", ({ detail }) => this.#read(detail));
  }

  #showAll(items) {
    const ids = new Set(items.map((item) => item.room.id));
    for (const element of this.querySelectorAll("[data-room-id]")) if (!ids.has(element.dataset.roomId)) element.remove();
    items.forEach((item) => this.#show(item));
    this.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  #show({ room, unread, mentions, head_seq: headSeq }) {
    const element = this.#item(room.id) ?? this.#insert(room);
    element.dataset.seq = headSeq;
    this.#rename(room);
    if (this.#isBeingRead(room.id)) this.#showWaiting(element, 0, 0);
    else this.#showWaiting(element, unread, mentions);
  }

  #insert(room) {
    const element = this.querySelector("template").content.firstElementChild.cloneNode(true);
    element.dataset.roomId = room.id;
    element.className = `room-item room-item-${room.kind}`;
    element.querySelector("a").href = `/rooms/${room.id}#newest`;
    if (room.user_ids.length === 1) element.querySelector("presence-dot").dataset.userId = room.user_ids[0];
    else element.querySelector("presence-dot").remove();
    this.querySelector(`[data-kinds~="${room.kind}"]`).append(element);
    return element;
  }

  // Another name, or another level of notifications.
  #rename(room) {
    const element = this.#item(room.id);
    if (!element) return;
    element.querySelector(".room-item-name").textContent = room.name;
    element.dataset.notifications = room.notifications;
    this.#showBadge(element);
  }

  #remove(roomId) {
    this.#item(roomId)?.remove();
    if (roomId === this.dataset.current) location.assign("/rooms");
  }

  // An entry that was missed, or that is no new message, may change more than one may guess: then the server counts.
  #count({ event, room_id: roomId, seq, message }) {
    const element = this.#item(roomId);
    if (!element || seq <= Number(element.dataset.seq)) return;
    const isNext = seq === Number(element.dataset.seq) + 1;
    element.dataset.seq = seq;
    const { me } = document.querySelector("#main").dataset;
    const isOwn = message.author.id === me;
    if (this.#isBeingRead(roomId) || (isOwn && event === "message:posted")) this.#showWaiting(element, 0, 0);
    else if (isNext && event === "message:posted") this.#countOne(element, message.mentions_room || message.mentions.includes(me));
    else if (!isNext || event === "message:deleted" || event === "message:edited") this.#askSoon();
  }

  #countOne(element, callsMe) {
    const { unread, mentions } = element.dataset;
    this.#showWaiting(element, Number(unread) + 1, Number(mentions) + (callsMe ? 1 : 0));
  }

  // Another device has read, or marked as unread: to the head none is left, before it the server counts.
  #read({ room_id: roomId, user_id: reader, seq }) {
    const element = this.#item(roomId);
    if (!element || reader !== document.querySelector("#main").dataset.me) return;
    if (seq >= Number(element.dataset.seq)) this.#showWaiting(element, 0, 0);
    else this.#askSoon();
  }

  #compare(heads) {
    const isBehind = ([roomId, headSeq]) => this.#item(roomId) && headSeq > Number(this.#item(roomId).dataset.seq);
    if (Object.entries(heads).some(isBehind)) this.#askSoon();
  }

  #askSoon() {
    this.#asking ??= setTimeout(() => this.#ask(), Math.random() * ASK_WITHIN);
  }

  async #ask() {
    this.#asking = null;
    try {
      const { rooms } = await getJson("/rooms");
      rooms.forEach((item) => this.#showCounted(item));
    } catch (error) {
      console.warn(error.message); // the next hello says it
    }
  }

  // What was counted before the newest entry that was heard here is counted once more.
  #showCounted(item) {
    if (item.head_seq < Number(this.#item(item.room.id)?.dataset.seq ?? 0)) this.#askSoon();
    else this.#show(item);
  }

  #showWaiting(element, unread, mentions) {
    Object.assign(element.dataset, { unread, mentions });
    this.#showBadge(element);
  }

  // As much as the room's level of notifications lets through.
  #showBadge(element) {
    const { unread, mentions, notifications } = element.dataset;
    showCount(element.querySelector(".badge"), Number({ all: unread, mentions }[notifications] ?? 0));
    element.querySelector(".badge").classList.toggle("badge-mentions", Number(mentions) > 0);
    this.#showTotal();
  }

  // How often somebody is called; and in the title, where it is seen from other tabs, how many rooms have something new.
  #showTotal() {
    const loud = [...this.querySelectorAll(".room-item")].filter(({ dataset }) => dataset.notifications !== "nothing");
    showCount(this.querySelector(".sidebar-mentions .badge"), loud.reduce((sum, { dataset }) => sum + Number(dataset.mentions), 0));
    const rooms = this.querySelectorAll(".room-item .badge:not([hidden])").length;
    document.title = (rooms ? `(${rooms}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  }

  #isBeingRead(roomId) {
    return roomId === this.dataset.current && Boolean(document.querySelector("message-timeline")?.isReading);
  }

  #item(roomId) {
    return this.querySelector(`[data-room-id="${CSS.escape(roomId)}"]`);
  }
}

function showCount(badge, count) {
  badge.hidden = count === 0;
  badge.querySelector(".badge-count").textContent = count >= MOST ? "999+" : count;
}
