// Notifications for push messages: one per message, closed when it was read or deleted.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  closeMessage,
  closeRead,
  follow,
  showMessage,
  showPushed,
} from "../../chat/static/js/models/push_notices.js";

const ROOM = "a".repeat(24);

class Registration {
  shown = [];
  async showNotification(title, options) {
    this.#close(options.tag);
    this.shown.push({ title, ...options, close: () => this.#close(options.tag) });
  }
  async getNotifications() {
    return [...this.shown];
  }
  #close(tag) {
    this.shown = this.shown.filter((each) => each.tag !== tag);
  }
  get tags() {
    return this.shown.map(({ tag }) => tag);
  }
}

function pushed(seq, more = {}) {
  return JSON.stringify({
    tag: `m${seq}`,
    title: "Harbour",
    body: "New message in the chat.",
    url: `/rooms/${ROOM}?around=${seq}#message-${seq}`,
    room_id: ROOM,
    seq,
    read_seq: 0,
    ...more,
  });
}

function device() {
  const registration = new Registration();
  const badges = [];
  const others = { name: "chat.example", badge: (count) => badges.push(count) };
  return { registration, badges, show: (text) => showPushed(registration, text, others) };
}

test("a message that comes twice has one notification, and the badge counts it once", async () => {
  const { registration, badges, show } = device();
  await show(pushed(3));
  await show(pushed(3));
  await show(pushed(4));
  assert.deepEqual(registration.tags, ["m3", "m4"]);
  assert.deepEqual(badges, [1, 1, 2]);
});

test("an open page's notification of a message is the same one", async () => {
  const { registration, show } = device();
  const message = { id: "m3", room_id: ROOM, seq: 3 };
  await showMessage(registration, "Carol mentioned you", "tea?", message, "/icon");
  await show(pushed(3));
  assert.deepEqual(registration.tags, ["m3"]);
});

test("a push message closes what was read in its room meanwhile, on another device", async () => {
  const { registration, show } = device();
  await show(pushed(3));
  await show(pushed(3, { tag: "other", room_id: "b".repeat(24) }));
  await show(pushed(4));
  await show(pushed(9, { read_seq: 3 }));
  assert.deepEqual(registration.tags, ["other", "m4", "m9"]);
});

test("what is read or deleted while a page is open is closed", async () => {
  const { registration, show } = device();
  for (const seq of [3, 4, 5]) await show(pushed(seq));
  await closeRead(registration, ROOM, 3);
  await closeMessage(registration, "m5");
  assert.deepEqual(registration.tags, ["m4"]);
});

test("what another version of the chat says is shown under the chat's name", async () => {
  const { registration, show } = device();
  await show("hello");
  assert.equal(registration.shown[0].title, "chat.example");
});

test("a click goes to the room in a window that is open, the focused one first", async () => {
  const { registration, show } = device();
  await show(pushed(3));
  const told = [];
  const window = (name, focused) => ({
    focused,
    postMessage: ({ goTo }) => told.push([name, goTo]),
    focus: async () => told.push([name, "focus"]),
  });
  const url = `/rooms/${ROOM}?around=3#message-3`;
  await follow(registration.shown[0], [window("one", false), window("two", true)], null);
  assert.deepEqual(told, [
    ["two", url],
    ["two", "focus"],
  ]);
});

test("a click opens a window where none is open", async () => {
  const opened = [];
  await follow({ data: null }, [], (url) => opened.push(url));
  await follow({ data: { url: "/rooms/1" } }, [], (url) => opened.push(url));
  assert.deepEqual(opened, ["/rooms", "/rooms/1"]);
});
