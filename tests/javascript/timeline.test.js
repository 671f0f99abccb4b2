// The timeline alone: order, once, gaps, versions, going back.

import assert from "node:assert/strict";
import test from "node:test";

import { Timeline } from "../../chat/static/js/models/timeline.js";

// An entry of the room's log; what changes a message names it by `of`, the seq it was posted at.
function entry(seq, { event = "message:posted", of = seq, body = `${seq}` } = {}) {
  return {
    event,
    room_id: "room",
    seq,
    message: { id: `m${of}`, seq: of, version: seq, client_id: `c${of}`, body },
  };
}

// The log as the server has it, asked in pages of `limit`; remembers what it was asked.
class Log {
  asked = [];
  limit = 2;

  constructor(entries) {
    this.entries = entries;
  }

  askFor = async (after) => {
    this.asked.push(after);
    const rest = this.entries.filter(({ seq }) => seq > after);
    return {
      entries: rest.slice(0, this.limit),
      head_seq: this.entries.at(-1)?.seq ?? 0,
      has_more: rest.length > this.limit,
    };
  };
}

function shown({ firstSeq = 0, lastSeq = 0, log = new Log([]) } = {}) {
  const timeline = new Timeline({ firstSeq, lastSeq, askFor: log.askFor });
  const told = [];
  timeline.addEventListener("message", ({ detail }) => told.push(detail));
  timeline.addEventListener("restart", () => told.push("restart"));
  return { timeline, told, bodies: () => told.map(({ body }) => body) };
}

test("entries are taken in order, each once, however often they come", async () => {
  const { timeline, bodies } = shown();
  for (const seq of [1, 2, 1, 2, 3, 3, 2]) await timeline.take(entry(seq));
  assert.deepEqual(bodies(), ["1", "2", "3"]);
  assert.equal(timeline.lastSeq, 3);
});

test("a gap is asked for, and what came early is not asked for again", async () => {
  const all = [1, 2, 3, 4, 5].map((seq) => entry(seq));
  const log = new Log(all.slice(0, 3)); // the log answers before 4 and 5 were in it
  const { timeline, bodies } = shown({ log });
  timeline.take(all[0]);
  const taking = [timeline.take(all[3]), timeline.take(all[4])];
  await Promise.all(taking);
  assert.deepEqual(bodies(), ["1", "2", "3", "4", "5"]);
  assert.deepEqual(log.asked, [1], "one question filled the gap");
});

test("a long absence is caught up page by page", async () => {
  const log = new Log(Array.from({ length: 2_000 }, (_, i) => entry(i + 1)));
  log.limit = 500;
  const { timeline, bodies } = shown({ log });
  await timeline.reach(2_000);
  assert.deepEqual(
    bodies(),
    log.entries.map(({ seq }) => `${seq}`),
  );
  assert.deepEqual(log.asked, [0, 500, 1_000, 1_500]);
});

test("what is told while it asks is reached too", async () => {
  const log = new Log([1, 2, 3].map((seq) => entry(seq)));
  const { timeline } = shown({ log });
  const first = timeline.reach(3);
  log.entries = [1, 2, 3, 4, 5, 6].map((seq) => entry(seq));
  await Promise.all([first, timeline.reach(6)]);
  assert.equal(timeline.lastSeq, 6);
});

test("a change replaces the message by its id and leaves it at its own place", async () => {
  for (const event of ["message:edited", "message:deleted", "message:reacted", "message:pinned"]) {
    const { timeline, told } = shown();
    await timeline.take(entry(1));
    await timeline.take(entry(2));
    await timeline.take(entry(3, { event, of: 1, body: "changed" }));
    assert.deepEqual(
      told.map(({ id, seq, body }) => [id, seq, body]),
      [
        ["m1", 1, "1"],
        ["m2", 2, "2"],
        ["m1", 1, "changed"],
      ],
      event,
    );
    assert.equal(timeline.lastSeq, 3, event);
  }
});

test("the greater version stays, whichever comes first", async () => {
  const { timeline, bodies } = shown();
  const edited = entry(2, { event: "message:edited", of: 1, body: "edited" });
  timeline.acknowledge(edited.message); // the answer to a retry, which tells the message as it is now
  await timeline.take(entry(1));
  await timeline.take(edited);
  assert.deepEqual(bodies(), ["edited"]);
  assert.equal(timeline.lastSeq, 2);
});

test("an acknowledged message is shown at once, and asks for what lies before it", async () => {
  const log = new Log([1, 2, 3].map((seq) => entry(seq)));
  const { timeline, bodies } = shown({ log });
  await timeline.acknowledge(log.entries[2].message);
  assert.deepEqual(bodies(), ["3", "1", "2"]);
});

test("what the page was made with is not shown again, but its changes are", async () => {
  const { timeline, bodies } = shown({ lastSeq: 2 });
  timeline.store([1, 2].map((seq) => entry(seq).message));
  timeline.acknowledge(entry(2).message);
  assert.deepEqual(bodies(), []);
  await timeline.take(entry(3, { event: "message:edited", of: 2, body: "edited" }));
  assert.deepEqual(bodies(), ["edited"]);
});

test("a change to a message that is not fetched yet is kept for when it is", async () => {
  const { timeline, bodies } = shown({ firstSeq: 5, lastSeq: 6 });
  await timeline.take(entry(7, { event: "message:edited", of: 3, body: "edited" }));
  assert.deepEqual(bodies(), [], "it is older than what is shown");
  const merged = timeline.merge(
    [2, 3, 4].map((seq) => entry(seq).message),
    2,
  ); // read before the edit
  assert.deepEqual(
    merged.map(({ body }) => body),
    ["2", "edited", "4"],
  );
  assert.equal(timeline.firstSeq, 2);
});

test("a head that is behind starts anew, but only if the log says so too", async () => {
  const log = new Log([1, 2, 3].map((seq) => entry(seq)));
  const { timeline, told } = shown({ lastSeq: 3, log });
  await timeline.reach(2); // told late: the log has all three
  assert.deepEqual(told, []);
  log.entries.pop(); // a backup was restored
  await timeline.reach(2);
  assert.deepEqual(told, ["restart"]);
});

test("a refused question ends the asking, and the next head asks again", async () => {
  const log = new Log([1, 2].map((seq) => entry(seq)));
  let isMember = false;
  const askFor = async (after) => {
    if (!isMember) throw new Error("There is no such room.");
    return log.askFor(after);
  };
  const { timeline, bodies } = shown({ log: { askFor } });
  await timeline.reach(2);
  assert.deepEqual(bodies(), []);
  isMember = true;
  await timeline.reach(2);
  assert.deepEqual(bodies(), ["1", "2"]);
});

test("a head that the log does not have yet is not asked for without end", async () => {
  const log = new Log([entry(1)]);
  const { timeline } = shown({ log });
  await timeline.reach(9);
  assert.equal(timeline.lastSeq, 1);
  assert.deepEqual(log.asked, [0, 1]);
});

test("on a page of the past nothing newer is shown, until everything before it was fetched", async () => {
  const log = new Log([]);
  const timeline = new Timeline({ firstSeq: 2, untilSeq: 3, lastSeq: 5, askFor: log.askFor });
  const told = [];
  timeline.addEventListener("message", ({ detail }) => told.push(detail.body));
  timeline.store([2, 3].map((seq) => entry(seq).message));
  await timeline.take(entry(6));
  await timeline.take(entry(7, { event: "message:edited", of: 3, body: "edited" }));
  assert.deepEqual(told, ["edited"], "what is shown changes, what is beyond waits");
  assert.equal(timeline.isPresent, false);
  const merged = timeline.merge([entry(4).message], 2, 4);
  assert.deepEqual(
    merged.map(({ body }) => body),
    ["4"],
  );
  assert.equal(timeline.isPresent, false);
  const rest = timeline.merge([entry(5).message], 2, Infinity); // read before 6 was said
  assert.deepEqual(
    rest.map(({ body }) => body),
    ["5", "6"],
    "what was said while it was fetched is not lost",
  );
  assert.equal(timeline.isPresent, true);
  await timeline.take(entry(8));
  assert.deepEqual(told, ["edited", "8"]);
});

test("a message is found as it is known now", async () => {
  const { timeline } = shown({ lastSeq: 2 });
  timeline.store([1, 2].map((seq) => entry(seq).message));
  assert.equal(timeline.find("m1").body, "1");
  await timeline.take(entry(3, { event: "message:edited", of: 1, body: "edited" }));
  assert.equal(timeline.find("m1").body, "edited");
  assert.equal(timeline.find("m9"), undefined);
});

test("it tells when the next entry is here, not when one is early", async () => {
  const { timeline } = shown({ log: new Log([1, 2].map((seq) => entry(seq))) });
  const heads = [];
  timeline.addEventListener("advance", () => heads.push(timeline.lastSeq));
  timeline.take(entry(3));
  assert.deepEqual(heads, []);
  await timeline.reach(3);
  assert.deepEqual(heads, [1, 2, 3]);
});

test("it tells when more of the log is fetched, or less is kept", () => {
  const { timeline } = shown({ firstSeq: 10, lastSeq: 20 });
  const windows = [];
  timeline.addEventListener("window", () => windows.push([timeline.firstSeq, timeline.untilSeq]));
  timeline.merge([entry(5).message], 5);
  timeline.forgetBefore(8);
  timeline.forgetAfter(15);
  assert.deepEqual(windows, [
    [5, Infinity],
    [8, Infinity],
    [8, 15],
  ]);
});
