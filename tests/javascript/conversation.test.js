// Who writes, what people are called, which emoji fits: the small models of a conversation.

import assert from "node:assert/strict";
import test from "node:test";

import { inTone, placeInGrid, searchEmoji } from "../../chat/static/js/models/emoji_list.js";
import { People } from "../../chat/static/js/models/people.js";
import { Receipts } from "../../chat/static/js/models/receipts.js";
import { sentence, Writers } from "../../chat/static/js/models/writers.js";

// A clock that stands until it is moved.
class Clock {
  #waiting = new Set();
  #now = 0;

  after = (delay, action) => {
    const entry = { at: this.#now + delay, action };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  };

  move(duration) {
    this.#now += duration;
    for (const entry of [...this.#waiting])
      if (entry.at <= this.#now && this.#waiting.delete(entry)) entry.action();
  }
}

function writing() {
  const clock = new Clock(),
    writers = new Writers(clock.after);
  let changes = 0;
  writers.addEventListener("change", () => changes++);
  return { clock, writers, changes: () => changes };
}

test("who writes is forgotten 8 seconds after the last word about it", () => {
  const { clock, writers, changes } = writing();
  writers.set("bob", true);
  clock.move(7_999);
  writers.set("bob", true);
  clock.move(7_999);
  assert.deepEqual(writers.ids, ["bob"]);
  assert.equal(changes(), 1, "that he goes on is no change");
  clock.move(1);
  assert.deepEqual(writers.ids, []);
  assert.equal(changes(), 2);
});

test("who stops is gone at once, and only they", () => {
  const { clock, writers, changes } = writing();
  for (const id of ["bob", "carol"]) writers.set(id, true);
  writers.set("bob", false);
  writers.set("bob", false);
  assert.deepEqual(writers.ids, ["carol"]);
  assert.equal(changes(), 3);
  clock.move(8_000);
  assert.equal(changes(), 4);
});

test("three who write are named, more are others", () => {
  assert.equal(sentence([]), "");
  assert.equal(sentence(["Bob"]), "Bob is typing…");
  assert.equal(sentence(["Bob", "Carol"]), "Bob and Carol are typing…");
  assert.equal(sentence(["Bob", "Carol", "Alice"]), "Bob, Carol and Alice are typing…");
  assert.equal(
    sentence(["Bob", "Carol", "Alice", "Dora", "Erin"]),
    "Bob, Carol, Alice and others are typing…",
  );
});

test("a name is asked for once, and again only when nobody could tell it", async () => {
  const asked = [];
  const people = new People(async (id) => {
    asked.push(id);
    if (asked.length === 1) throw new Error("The chat cannot be reached.");
    return { id, display_name: id.toUpperCase() };
  });
  people.store({ id: "alice", display_name: "Alice" });
  assert.equal(await people.name("alice"), "Alice");
  assert.equal(await people.name("bob"), "Someone");
  assert.deepEqual(await Promise.all([people.name("bob"), people.name("bob")]), ["BOB", "BOB"]);
  assert.deepEqual(asked, ["bob", "bob"]);
  const changed = [];
  people.addEventListener("change", ({ detail }) => changed.push(detail.display_name));
  people.store({ id: "bob", display_name: "Robert" });
  assert.deepEqual(changed, ["Robert"], "who was asked for is shown anew, too");
});

test("a change that the server tells is told, whoever was known before", () => {
  const people = new People(async () => assert.fail("nobody has to ask"));
  const changed = [];
  people.addEventListener("change", ({ detail }) => changed.push(detail.display_name));
  people.update({ id: "bob", display_name: "Robert" });
  assert.deepEqual(changed, ["Robert"]);
  assert.equal(people.known("bob").display_name, "Robert");
});

test("many who reacted are counted, not listed", async () => {
  const people = new People(async (id) => ({ id, display_name: id }));
  const ids = Array.from({ length: 22 }, (_, i) => `p${i}`);
  assert.equal(await people.list(ids.slice(0, 1), 20), "p0");
  assert.equal(await people.list(ids.slice(0, 3), 20), "p0, p1 and p2");
  assert.equal(await people.list(ids, 20), `${ids.slice(0, 20).join(", ")} and 2 others`);
});

test("an emoji is found by words of any of its names, the best fitting first", () => {
  const list = [
    ["🚢", [], "ship"],
    ["👍️", [], "thumbs up", "+1"],
    ["🛳️", [], "passenger ship"],
    ["🚣", [], "person rowing boat"],
  ];
  const found = (words) => searchEmoji(list, words).map(([emoji]) => emoji);
  assert.deepEqual(found("ship"), ["🚢", "🛳️"]);
  assert.deepEqual(found(":thumbs_up:"), ["👍️"]);
  assert.deepEqual(found("+1"), ["👍️"]);
  assert.deepEqual(found("boat person"), ["🚣"]);
  assert.deepEqual(found("submarine"), []);
  assert.equal(found("").length, 4);
  assert.deepEqual(list[0], ["🚢", [], "ship"], "the list stays in its order");
});

test("an emoji that is called just so comes first, then one used lately, then the shortest", () => {
  const list = [
    ["😄", [], "grinning face with smiling eyes", "smile"],
    ["😏", [], "smirking face", "smirk"],
    ["😈", [], "smiling face with horns", "smiling imp"],
    ["😃", [], "grinning face with big eyes", "smiley"],
    ["☺️", [], "smiling face", "relaxed"],
    ["👋", ["👋🏻"], "waving hand", "wave"],
    ["〰️", [], "wavy dash"],
  ];
  const found = (words, recent) => searchEmoji(list, words, recent).map(([emoji]) => emoji);
  assert.deepEqual(found("smi"), ["😄", "😏", "😃", "☺️", "😈"]);
  assert.deepEqual(found("smi", ["😈", "☺️", "👋"]), ["😈", "☺️", "😄", "😏", "😃"]);
  assert.deepEqual(found("smile", ["😃"]), ["😄", "😃"]);
  assert.deepEqual(found("wav"), ["👋", "〰️"]);
  assert.deepEqual(found("wav", ["〰️", "👋🏻"]), ["〰️", "👋"]);
  assert.deepEqual(found("dash", ["👋🏻"]), ["〰️"]);
});

test("arrow keys go through the emoji by the columns that there are, from group to group", () => {
  const lengths = [3, 0, 7, 5]; // rows of four: 3 | 4 3 | 4 1
  const go = (place, step) => placeInGrid(lengths, place, step, 4);
  const [right, left, down, up] = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ];
  assert.deepEqual(go([0, 1], right), [0, 2]);
  assert.deepEqual(go([0, 2], right), [2, 0]);
  assert.deepEqual(go([2, 0], left), [0, 2]);
  assert.deepEqual(go([0, 1], down), [2, 1]);
  assert.deepEqual(go([2, 1], down), [2, 5]);
  assert.deepEqual(go([2, 3], down), [2, 6], "the last row is shorter");
  assert.deepEqual(go([2, 6], down), [3, 2]);
  assert.deepEqual(go([3, 1], up), [2, 5]);
  assert.deepEqual(go([3, 3], up), [2, 6]);
  assert.deepEqual(go([2, 3], up), [0, 2]);
  assert.equal(go([0, 0], up), null);
  assert.equal(go([0, 0], left), null);
  assert.equal(go([3, 4], right), null);
  assert.equal(go([3, 4], down), null);
});

test("an emoji takes the chosen tone of skin where it has tones, and says which", () => {
  const hand = ["✋", ["✋🏻", "✋🏼", "✋🏽", "✋🏾", "✋🏿"], "raised hand"],
    ship = ["🚢", [], "ship"];
  assert.deepEqual(inTone(hand, 0), ["✋", "raised hand"]);
  assert.deepEqual(inTone(hand, 1), ["✋🏻", "raised hand, light skin tone"]);
  assert.deepEqual(inTone(hand, 5), ["✋🏿", "raised hand, dark skin tone"]);
  assert.deepEqual(inTone(ship, 5), ["🚢", "ship"]);
});

test("who has read how far stands under the newest message that they have read, and not under their own", () => {
  const receipts = new Receipts();
  const messages = [
    { seq: 1, authorId: "alice" },
    { seq: 2, authorId: "bob" },
    { seq: 5, authorId: "alice" },
  ];
  const under = (...until) => Object.fromEntries(receipts.under(messages, ...until));
  receipts.replace([
    { user_id: "bob", seq: 4 },
    { user_id: "carol", seq: 1 },
    { user_id: "dora", seq: 0 },
  ]);
  assert.deepEqual(under(), { 1: ["carol"] }, "bob has read his own words, dora nothing");
  receipts.advance("carol", 4);
  assert.deepEqual(under(), { 2: ["carol"] }, "4 is a change of a message");
  receipts.advance("bob", 9);
  receipts.advance("carol", 6);
  assert.deepEqual(under(), { 5: ["bob", "carol"] });
  assert.deepEqual(
    under(6),
    { 5: ["carol"] },
    "on a page of the past nobody knows how much further bob is",
  );
  assert.deepEqual(
    receipts.under([{ seq: 20, authorId: "alice" }]),
    new Map(),
    "older than what is shown",
  );
});

test("receipts never go back, whoever leaves or shows it no more is gone, and only who shows it begins by writing", () => {
  const receipts = new Receipts();
  let changes = 0;
  receipts.addEventListener("change", () => changes++);
  const messages = [1, 2, 3, 4].map((seq) => ({ seq, authorId: "alice" }));
  receipts.advance("bob", 3);
  receipts.advance("bob", 2);
  assert.equal(changes, 1);
  receipts.replace([
    { user_id: "bob", seq: 1 },
    { user_id: "carol", seq: 2 },
  ]);
  assert.deepEqual(
    [...receipts.under(messages)],
    [
      [3, ["bob"]],
      [2, ["carol"]],
    ],
  );
  receipts.wrote("bob", 4);
  receipts.wrote("dora", 4);
  assert.deepEqual(
    [...receipts.under(messages)],
    [
      [4, ["bob"]],
      [2, ["carol"]],
    ],
  );
  receipts.forget("carol");
  receipts.replace([]);
  assert.equal(receipts.under(messages).size, 0);
});
