// When somebody has used the chat enough on a device to hear that it can be installed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DeviceUsage } from "../../chat/static/js/models/device_usage.js";

function device() {
  const kept = new Map();
  const storage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
  };
  const clock = { day: 1 };
  return { clock, page: () => new DeviceUsage(storage, () => `day ${clock.day}`) };
}

test("three days are enough, however often a page is opened on one of them", () => {
  const { clock, page } = device();
  for (const day of [1, 1, 1, 2, 2, 2]) {
    clock.day = day;
    page().noteDay();
    assert.equal(page().isEnough, false);
  }
  clock.day = 5;
  page().noteDay();
  assert.equal(page().isEnough, true);
});

test("ten messages are enough, on one day", () => {
  const { page } = device();
  page().noteDay();
  for (let sent = 1; sent < 10; sent++) {
    page().noteSent(`message ${sent}`);
    page().noteSent(`message ${sent}`); // in another tab
  }
  assert.equal(page().isEnough, false);
  page().noteSent("message 10");
  assert.equal(page().isEnough, true);
});

test("who dismissed it is never told again on this device", () => {
  const { clock, page } = device();
  for (let sent = 0; sent < 10; sent++) page().noteSent(sent);
  page().dismiss();
  for (clock.day = 2; clock.day < 9; clock.day++) {
    page().noteDay();
    page().noteSent(`message ${clock.day}`);
    assert.deepEqual([page().isEnough, page().isDismissed], [false, true]);
  }
});
