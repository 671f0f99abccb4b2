// The rooms in the sidebar, with how many messages wait in each.

import { connection } from "../models/connection.js";

const MOST = 1000; // the server counts no further

export class RoomList extends HTMLElement {
  connectedCallback() {
    connection.addEventListener("hello", ({ detail }) => this.#showAll(detail.rooms));
    connection.addEventListener("room:added", ({ detail }) => this.#show(detail));
    connection.addEventListener("room:updated", ({ detail }) => this.#rename(detail.room));
    connection.addEventListener("room:removed", ({ detail }) => this.#remove(detail.room_id));
    connection.addEventListener("message:posted", ({ detail }) => this.#count(detail));
    connection.addEventListener("room:read", ({ detail }) => this.#read(detail));
  }

  #showAll(items) {
    const ids = new Set(items.map((item) => item.room.id));
    for (const element of this.querySelectorAll("[data-room-id]")) if (!ids.has(element.dataset.roomId)) element.remove();
    items.forEach((item) => this.#show(item));
    this.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  #show({ room, unread, head_seq: headSeq }) {
    const element = this.#item(room.id) ?? this.#insert(room);
    element.dataset.seq = headSeq;
    this.#rename(room);
    this.#showUnread(element, this.#isBeingRead(room.id) ? 0 : unread);
  }

  #insert(room) {
    const element = this.querySelector("template").content.firstElementChild.cloneNode(true);
    element.dataset.roomId = room.id;
    element.className = `room-item room-item-${room.kind}`;
    element.querySelector("a").href = `/rooms/${room.id}#newest`;
    this.querySelector(`[data-kinds~="${room.kind}"]`).append(element);
    return element;
  }

  #rename(room) {
    const name = this.#item(room.id)?.querySelector(".room-item-name");
    if (name) name.textContent = room.name;
  }

  #remove(roomId) {
    this.#item(roomId)?.remove();
    if (roomId === this.dataset.current) location.assign("/rooms");
  }

  #count({ room_id: roomId, seq, message }) {
    const element = this.#item(roomId);
    if (!element || seq <= Number(element.dataset.seq)) return;
    element.dataset.seq = seq;
    const isOwn = message.author.id === document.querySelector("#main").dataset.me;
    const unread = isOwn || this.#isBeingRead(roomId) ? 0 : Number(element.dataset.unread) + 1;
    this.#showUnread(element, unread);
  }

  // Another device has read: the server knows how much is left, and says so with the next hello; to its head it is none.
  #read({ room_id: roomId, seq }) {
    const element = this.#item(roomId);
    if (element && seq >= Number(element.dataset.seq)) this.#showUnread(element, 0);
  }

  #showUnread(element, unread) {
    element.dataset.unread = unread;
    element.querySelector(".badge").hidden = unread === 0;
    element.querySelector(".badge-count").textContent = unread >= MOST ? "999+" : unread;
    this.#showTotal();
  }

  // In the title, where it is seen from other tabs: how many rooms have something new.
  #showTotal() {
    const rooms = this.querySelectorAll(".room-item .badge:not([hidden])").length;
    document.title = (rooms ? `(${rooms}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  }

  #isBeingRead(roomId) {
    const isLive = Boolean(document.querySelector("message-timeline")?.timeline); // a page of the past is not
    return roomId === this.dataset.current && isLive && document.visibilityState === "visible";
  }

  #item(roomId) {
    return this.querySelector(`[data-room-id="${CSS.escape(roomId)}"]`);
  }
}
