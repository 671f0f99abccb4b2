// The order of the rooms in the sidebar.

import assert from "node:assert/strict";
import test from "node:test";

import {
  callsIn,
  hasBegun,
  inOrder,
  placeAmong,
  rankOf,
} from "../../chat/static/js/models/sidebar_order.js";

function row(unread, mentions = 0, notifications = "all", isDirect = false) {
  return { unread: String(unread), mentions: String(mentions), notifications, isDirect };
}

test("a mention and a direct message call their reader, any other message only waits", () => {
  assert.equal(rankOf(row(5, 1)), 0);
  assert.equal(rankOf(row(1, 0, "all", true)), 0);
  assert.equal(rankOf(row(5)), 1);
  assert.equal(rankOf(row(0)), 2);
  assert.equal(callsIn(row(5, 2)), 2);
});

test("a muted room moves nowhere; a conversation of mentions calls by them", () => {
  assert.equal(rankOf(row(5, 1, "nothing")), 2);
  assert.equal(rankOf(row(5, 0, "mentions")), 1);
  assert.equal(rankOf(row(5, 1, "mentions")), 0);
  assert.equal(callsIn(row(5, 2, "mentions", true)), 2);
});

test("a direct room without a word has no row, unless it is a favourite", () => {
  const talk = { kind: "direct", favourite: false, seq: "0" };
  assert.equal(hasBegun(talk), false);
  for (const change of [{ seq: 1 }, { seq: undefined }, { favourite: true }, { kind: "private" }])
    assert.equal(hasBegun({ ...talk, ...change }), true);
});

test("among rooms of one rank the lower place comes first", () => {
  const ordered = inOrder([
    { rank: 2, place: 0 },
    { rank: 2, place: -1 },
    { rank: 1, place: 11 },
    { rank: 1, place: 2 },
    { rank: 0, place: 30 },
  ]);
  assert.deepEqual(
    ordered.map(({ place }) => place),
    [30, 2, 11, -1, 0],
  );
});

test("a new room comes where its name belongs", () => {
  const others = [
    { name: "ideas", place: 1 },
    { name: "Project 2", place: 2 },
    { name: "project 10", place: 3 },
  ];
  assert.equal(placeAmong(others, "general"), 0);
  assert.equal(placeAmong(others, "Project 3"), 2.5);
  assert.equal(placeAmong(others, "zoo"), 4);
  assert.equal(placeAmong([], "zoo"), 0);
});
