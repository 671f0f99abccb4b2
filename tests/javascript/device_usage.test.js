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

test("a second day is enough, however often a page is opened on the first one", () => {
  const { clock, page } = device();
  for (let times = 0; times < 3; times++) {
    page().noteDay();
    assert.equal(page().isEnough, false);
  }
  clock.day = 5;
  page().noteDay();
  assert.equal(page().isEnough, true);
});

test("the first message is enough, on the first day", () => {
  const { page } = device();
  page().noteDay();
  page().noteSent("message 1");
  assert.equal(page().isEnough, true);
});

test("who dismissed it is never told again on this device", () => {
  const { clock, page } = device();
  page().noteSent("message 0");
  page().dismiss();
  for (clock.day = 2; clock.day < 9; clock.day++) {
    page().noteDay();
    page().noteSent(`message ${clock.day}`);
    assert.deepEqual([page().isEnough, page().isDismissed], [false, true]);
  }
});
