// Pages of the history, fetched while the reader goes elsewhere: what is shown has no hole.

import assert from "node:assert/strict";
import test from "node:test";

const part = () => ({ hidden: false, contains: () => false });
globalThis.document = {
  documentElement: { dataset: {}, lang: "en" },
  activeElement: null,
  querySelector: () => ({ content: { textContent: "{}" } }), // the measures of the page
};

// Requests wait until the test answers them, as from a room of 600 messages, fifty at a time.
const requests = [];
globalThis.fetch = (url) => {
  const { searchParams } = new URL(url, "https://chat.example");
  const [before, after] = ["before", "after"].map((name) => searchParams.get(name));
  const from = after ? Number(after) + 1 : Math.max(1, Number(before ?? 601) - 50);
  const to = Math.min(600, from + 49);
  const seqs = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const page = {
    messages: seqs.map((seq) => ({ id: `m${seq}`, seq, version: seq, author: { id: "ada" } })),
    has_before: from > 1,
    has_after: to < 600,
  };
  return new Promise((resolve) =>
    requests.push(() => resolve({ ok: true, status: 200, json: async () => page })),
  );
};

const { HistoryPages } = await import("../../chat/static/js/helpers/history_pages.js");
const { Timeline } = await import("../../chat/static/js/models/timeline.js");
const settled = () => new Promise(setImmediate);

// A page of the past with the messages from `firstSeq` to `untilSeq`.
function room(firstSeq, untilSeq) {
  const parts = { ".timeline-later": { parentElement: part() } };
  const element = {
    dataset: { roomId: "quay", hasBefore: "true" },
    querySelector: (selector) => (parts[selector] ??= part()),
  };
  let shown = [];
  const list = {
    removeSent: () => (shown = []),
    show: ({ seq }) => shown.push(seq),
    unsentElementOf: () => null,
    copy: () => null,
  };
  for (let seq = firstSeq; seq <= untilSeq; seq++) shown.push(seq);
  const timeline = new Timeline({ firstSeq, untilSeq, lastSeq: 600 });
  const pages = new HistoryPages(element, timeline, list);
  const extent = () => {
    const seqs = [...shown].sort((one, other) => one - other);
    assert.equal(seqs.length, seqs.at(-1) - seqs[0] + 1, `a hole: ${seqs}`);
    return [seqs[0], seqs.at(-1)];
  };
  const isBusy = () => parts[".messages"].ariaBusy;
  return { pages, timeline, extent, isBusy };
}

async function answer(number) {
  requests[number]();
  await settled();
}

test("what comes after the place that the reader has left is dropped", async () => {
  for (const order of [
    [1, 0],
    [0, 1],
  ]) {
    requests.length = 0;
    const { pages, timeline, extent } = room(451, 500);
    const [later, elsewhere] = [pages.fetchLater(), pages.fetchAfter(200)];
    for (const number of order) await answer(number);
    assert.deepEqual([await later, await elsewhere], [false, true]);
    assert.deepEqual(extent(), [201, 250]);
    assert.equal(timeline.untilSeq, 250);
  }
});

test("of two places the one that was asked for last is shown, and fetches alone until then", async () => {
  requests.length = 0;
  const { pages, timeline, extent, isBusy } = room(451, 500);
  const [first, last] = [pages.fetchAfter(200), pages.fetchPresent()];
  await answer(0);
  assert.equal(await first, false);
  assert.ok(isBusy());
  assert.equal(await pages.fetchEarlier(), false);
  assert.equal(requests.length, 2);
  await answer(1);
  assert.equal(await last, true);
  assert.ok(timeline.isPresent && !isBusy());
  assert.deepEqual(extent(), [551, 600]);

  const [present, place] = [pages.fetchPresent(), pages.fetchAfter(200)];
  await answer(3);
  await answer(2);
  assert.deepEqual([await present, await place], [false, true]);
  assert.deepEqual(extent(), [201, 250]);
});
