// Who looks at a page: in sight, with the focus, and with input not long ago.

import assert from "node:assert/strict";
import test from "node:test";

import { Attention } from "../../chat/static/js/models/attention.js";

const MINUTES = 60_000;

function page() {
  const state = { isInSight: true, hasFocus: true, now: 0, looks: 0 };
  const attention = new Attention({
    isInSight: () => state.isInSight,
    hasFocus: () => state.hasFocus,
    now: () => state.now,
  });
  attention.addEventListener("look", () => state.looks++);
  return { attention, state };
}

test("whoever opens a page looks at it, until it is hidden or another window has the focus", () => {
  const { attention, state } = page();
  assert.equal(attention.isLooking, true);
  state.hasFocus = false;
  assert.equal(attention.isLooking, false);
  state.hasFocus = true;
  state.isInSight = false;
  assert.equal(attention.isLooking, false);
  assert.equal(state.looks, 0);
});

test("whoever comes back looks again, and that is told once", () => {
  const { attention, state } = page();
  state.hasFocus = false;
  attention.compare();
  state.hasFocus = true;
  attention.noteInput({ isMeant: false });
  attention.noteInput({ isMeant: true });
  assert.equal(state.looks, 1);
});

test("whoever left their desk does not look until there is input", () => {
  const { attention, state } = page();
  state.now = 5 * MINUTES - 1;
  assert.equal(attention.isLooking, true);
  state.now = 6 * MINUTES;
  assert.equal(attention.isLooking, false);
  attention.noteInput({ isMeant: false });
  assert.equal(attention.isLooking, true);
  assert.equal(state.looks, 1);
});

test("whoever turns the wheel over a window without the focus looks at it for a moment, a pointer that passes does not", () => {
  const { attention, state } = page();
  state.hasFocus = false;
  attention.noteInput({ isMeant: false });
  assert.equal(attention.isLooking, false);
  attention.noteInput({ isMeant: true });
  assert.equal(attention.isLooking, true);
  assert.equal(state.looks, 1);
  state.now = 5_000;
  assert.equal(attention.isLooking, false);
});
