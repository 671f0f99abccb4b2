// Rooms that a device keeps, when it comes back after a while.

import assert from "node:assert/strict";
import { test } from "node:test";

import { reviewKept } from "../../chat/static/js/helpers/kept_rooms.js";
import { DeviceCopies } from "../../chat/static/js/models/device_copies.js";
import { FakeStorage } from "./fake_storage.js";

const [QUAY, PIER, MILL] = ["a", "b", "c"].map((letter) => letter.repeat(24));
const item = (id, head) => ({ room: { id }, head_seq: head });

// A device that keeps each of three rooms up to entry 10.
async function device() {
  const copies = new DeviceCopies(new FakeStorage());
  await copies.begin({ me: "bob", version: "1", frame: "", absent: "", policy: "", files: [] });
  for (const id of [QUAY, PIER, MILL]) await copies.keep(`/rooms/${id}`, `<main>${id}</main>`, 10);
  const asked = [];
  const noted = [];
  const waiting = [];
  const chat = {
    get: async (path) => (asked.push(path), { rooms: [item(PIER, 10)] }),
    catchUp: async (id, after) => {
      asked.push([id, after]);
      return [after + 1, after + 2].map((seq) => ({ seq }));
    },
    note: (id, entries) => noted.push([id, ...entries.map(({ seq }) => seq)]),
    later: (action) => waiting.push(action),
  };
  const hello = async (rooms, next = null) => {
    await reviewKept(copies, { rooms, next }, chat);
    for (const action of waiting.splice(0)) await action();
  };
  const kept = async () => [...(await copies.heads()).keys()];
  return { copies, hello, kept, asked, noted };
}

test("what happened in kept rooms is asked for, whichever room is open", async () => {
  const { hello, kept, asked, noted } = await device();
  await hello([item(QUAY, 14), item(PIER, 10), item(MILL, 11)]);
  assert.deepEqual(asked, [
    [QUAY, 10],
    [QUAY, 12],
    [MILL, 10],
  ]);
  assert.deepEqual(noted[0], [QUAY, 11, 12]);
  assert.deepEqual(await kept(), [QUAY, PIER, MILL]);
});

test("what another tab has brought meanwhile is not asked for", async () => {
  const { copies, hello, asked } = await device();
  copies.addEntries(QUAY, [{ seq: 11 }]);
  await hello([item(QUAY, 11), item(PIER, 10), item(MILL, 10)]);
  assert.deepEqual(asked, []);
});

test("rooms that the person is not in any more are forgotten, however many rooms there are", async () => {
  const few = await device();
  await few.hello([item(QUAY, 10)]);
  assert.deepEqual([await few.kept(), few.asked], [[QUAY], []]);

  const many = await device();
  await many.hello([item(QUAY, 10)], "101");
  assert.deepEqual(many.asked, [`/rooms?ids=${PIER},${MILL}`]);
  assert.deepEqual(await many.kept(), [QUAY, PIER]);
});

test("a room that lacks too much, or whose log is shorter now, is forgotten", async () => {
  const { hello, kept, asked } = await device();
  await hello([item(QUAY, 211), item(PIER, 9), item(MILL, 10)]);
  assert.deepEqual([await kept(), asked], [[MILL], []]);
});
