// The outbox alone: order, once, what is tried again, several tabs, several people.

import assert from "node:assert/strict";
import test from "node:test";
import { once } from "node:events";

import { delayAfter, wait } from "../../chat/static/js/helpers/backoff.js";
import { withLease } from "../../chat/static/js/helpers/locks.js";
import { Outbox } from "../../chat/static/js/models/outbox.js";
import { MemoryStore } from "../../chat/static/js/models/outbox_store.js";
import { Refusal } from "../../chat/static/js/models/refusal.js";

// A server that keeps each client_id once, and answers as `answers` say before it does.
class Server {
  kept = [];
  tries = [];
  answers = [];

  send = async (payload) => {
    this.tries.push(payload.client_id);
    await wait(1);
    const answer = this.answers.shift();
    if (answer) throw answer;
    if (!this.kept.includes(payload.client_id)) this.kept.push(payload.client_id);
    return { id: `m-${payload.client_id}`, ...payload };
  };
}

let browsers = 0;

// One browser: its store is shared by its tabs. Channels are closed at the end, or Node would not end.
function browser(context) {
  const store = new MemoryStore();
  const name = `outbox-test-${++browsers}`;
  const tab = (server, owner = "alice") => {
    const channel = new BroadcastChannel(`${name}-${owner}`);
    context.after(() => channel.close());
    const pauses = [];
    const pause = server.pause ?? (async (delay) => void pauses.push(delay));
    const withLock = (lock, action) => withLease(store, lock, action);
    const outbox = new Outbox({ owner, store, channel, withLock, send: server.send, pause });
    return { outbox, pauses };
  };
  return { store, tab };
}

function written(client_id, room_id = "harbour", images = []) {
  return { client_id, room_id, body: client_id, images, written_at: "2026-01-01T00:00:00Z" };
}

async function until(outbox, holds) {
  while (!holds()) await once(outbox, "change");
}

const refusal = (code, retry_after) =>
  new Refusal({ code, message: `It said ${code}.`, retry_after });

test("what is written offline waits, and is sent in order when the connection opens", async (context) => {
  const server = new Server();
  const { outbox } = browser(context).tab(server);
  for (const id of ["one", "two", "three"]) await outbox.add(written(id));
  assert.deepEqual(
    outbox.unsent.map(({ client_id }) => client_id),
    ["one", "two", "three"],
  );
  assert.ok(outbox.unsent.every(({ state }) => state === "waiting"));
  assert.deepEqual(server.tries, []);
  outbox.resume();
  await until(outbox, () => outbox.unsent.length === 0);
  assert.deepEqual(server.kept, ["one", "two", "three"]);
});

test("what may pass is tried again with the same client_id, after longer pauses, and nothing overtakes it", async (context) => {
  const server = new Server();
  server.answers = [
    refusal("unavailable"),
    new Error("no answer"),
    refusal("rate_limited", 7),
    refusal("internal_error"),
  ];
  const { outbox, pauses } = browser(context).tab(server);
  await outbox.add(written("one"));
  await outbox.add(written("two"));
  outbox.resume();
  await until(outbox, () => outbox.unsent.length === 0);
  assert.deepEqual(server.tries, ["one", "one", "one", "one", "one", "two"]);
  assert.deepEqual(server.kept, ["one", "two"]);
  assert.equal(pauses.length, 4);
  assert.ok(pauses[2] >= 7_000, "Retry-After is obeyed");
});

test("what waits says why, until there is another reason or none", async (context) => {
  const server = new Server();
  server.answers = [refusal("rate_limited", 7), refusal("unavailable"), new Error("no answer")];
  const { outbox } = browser(context).tab(server);
  await outbox.add(written("one"));
  const seen = [];
  outbox.addEventListener("change", () => seen.push(outbox.unsent[0]?.reason));
  outbox.resume();
  await until(outbox, () => outbox.unsent.length === 0);
  const reasons = seen.filter((each, at) => each !== seen[at - 1]);
  assert.deepEqual(reasons, ["rate_limited", "unavailable", "", undefined]);
});

test("what is refused for good is shown with the server's sentence, does not hold up the rest, and waits for a choice", async (context) => {
  for (const code of ["validation_failed", "forbidden", "not_found", "too_large", "conflict"]) {
    const server = new Server();
    server.answers = [refusal(code)];
    const { outbox } = browser(context).tab(server);
    await outbox.add(written("one"));
    await outbox.add(written("two"));
    outbox.resume();
    await until(outbox, () => outbox.unsent.length === 1);
    const [failed] = outbox.unsent;
    assert.deepEqual(
      [failed.client_id, failed.state, failed.problem],
      ["one", "failed", `It said ${code}.`],
    );
    assert.deepEqual(server.tries, ["one", "two"], "it is not tried again by itself");
    await outbox.retry("one");
    await until(outbox, () => outbox.unsent.length === 0);
    assert.deepEqual(server.kept, ["two", "one"]);
  }
});

test("whoever has to wait for long is told why and decides, instead of waiting without a word", async (context) => {
  for (const [code, seconds] of [
    ["rate_limited", 40_000],
    ["unavailable", 120],
  ]) {
    const server = new Server();
    server.answers = [refusal(code, seconds)];
    const { outbox, pauses } = browser(context).tab(server);
    await outbox.add(written("one"));
    outbox.resume();
    await until(outbox, () => outbox.unsent[0].state === "failed");
    assert.deepEqual([outbox.unsent[0].problem, pauses], [`It said ${code}.`, []]);
  }
});

test("a discarded message is gone and never sent", async (context) => {
  const server = new Server();
  server.answers = [refusal("forbidden")];
  const { outbox } = browser(context).tab(server);
  outbox.resume();
  await outbox.add(written("one"));
  await until(outbox, () => outbox.unsent[0]?.state === "failed");
  await outbox.discard("one");
  assert.deepEqual(outbox.unsent, []);
  outbox.resume();
  await outbox.add(written("two"));
  await until(outbox, () => outbox.unsent.length === 0);
  assert.deepEqual(server.tries, ["one", "two"]);
});

test("two tabs send each message once, in order, and both know of all", async (context) => {
  const server = new Server();
  const { tab } = browser(context);
  const [left, right] = [tab(server).outbox, tab(server).outbox];
  await left.add(written("one"));
  await right.add(written("two"));
  await until(left, () => left.unsent.length === 2);
  await until(right, () => right.unsent.length === 2);
  const sent = [];
  right.addEventListener("sent", ({ detail }) => sent.push(detail.client_id));
  left.resume();
  right.resume();
  await until(left, () => left.unsent.length === 0);
  await until(right, () => right.unsent.length === 0 && sent.length >= 2);
  assert.deepEqual(server.tries, ["one", "two"]);
  assert.deepEqual(sent, ["one", "two"], "whichever tab sent it, this one was told");
});

test("what a tab without a connection wrote is sent by one that has one", async (context) => {
  const server = new Server();
  const { tab } = browser(context);
  const [offline, online] = [tab(server).outbox, tab(server).outbox];
  online.resume();
  await offline.add(written("one"));
  await until(offline, () => offline.unsent.length === 0);
  assert.deepEqual(server.kept, ["one"]);
});

test("a tab that loses its connection in a pause lets another tab go on", async (context) => {
  const { tab } = browser(context);
  const [broken, sound] = [new Server(), new Server()];
  broken.answers = Array.from({ length: 100 }, () => new Error("no answer"));
  const [left, right] = [tab(broken).outbox, tab(sound).outbox];
  left.resume();
  await left.add(written("one"));
  await until(left, () => broken.tries.length > 0);
  left.suspend();
  right.resume();
  await right.refresh();
  right.resume();
  await until(right, () => right.unsent.length === 0);
  assert.deepEqual(sound.kept, ["one"]);
});

test("one person's messages are neither shown to nor sent for another in the same browser", async (context) => {
  const [forAlice, forBob] = [new Server(), new Server()];
  const { tab, store } = browser(context);
  const alice = tab(forAlice, "alice").outbox;
  const bob = tab(forBob, "bob").outbox;
  await alice.add(written("hers"));
  await bob.refresh();
  assert.deepEqual(bob.unsent, []);
  bob.resume();
  await bob.add(written("his"));
  await until(bob, () => bob.unsent.length === 0);
  assert.deepEqual(forBob.tries, ["his"]);
  await bob.clear();
  assert.deepEqual(
    (await store.list("alice")).map(({ client_id }) => client_id),
    ["hers"],
    "signing out clears one's own only",
  );
});

test("pictures go with their message by id", async (context) => {
  const { outbox } = browser(context).tab({
    send: async (payload) => (sent.push(payload), { id: "m" }),
  });
  const sent = [];
  outbox.resume();
  await outbox.add(
    written("one", "harbour", [
      { id: "p1", url: "/p1" },
      { id: "p2", url: "/p2" },
    ]),
  );
  await until(outbox, () => outbox.unsent.length === 0);
  assert.deepEqual(sent, [
    { room_id: "harbour", client_id: "one", body: "one", image_ids: ["p1", "p2"] },
  ]);
});

test("what a message answers goes with it by id", async (context) => {
  const sent = [];
  const { outbox } = browser(context).tab({
    send: async (payload) => (sent.push(payload), { id: "m" }),
  });
  outbox.resume();
  await outbox.add({
    ...written("one"),
    reply_to: { id: "m0", seq: 1, author: { id: "bob" }, excerpt: "what?" },
  });
  await until(outbox, () => outbox.unsent.length === 0);
  assert.deepEqual(sent, [
    { room_id: "harbour", client_id: "one", body: "one", image_ids: [], reply_to_id: "m0" },
  ]);
});

test("a room that must wait does not hold up another", async (context) => {
  const server = new Server();
  const send = async (payload) => {
    if (payload.room_id === "harbour") throw refusal("rate_limited", 60);
    return server.send(payload);
  };
  const { outbox } = browser(context).tab({ send, pause: wait });
  outbox.resume();
  await outbox.add(written("held", "harbour"));
  await outbox.add(written("free", "docks"));
  await until(outbox, () => outbox.unsent.length === 1);
  assert.deepEqual(server.kept, ["free"]);
  outbox.suspend();
});

test("pauses double up to a limit, with full jitter, and never before the server wants to be asked", () => {
  const highest = (failures) => delayAfter(failures, 0, () => 1);
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 60].map(highest),
    [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000],
  );
  assert.equal(
    delayAfter(5, 0, () => 0),
    0,
    "by chance, from nothing on",
  );
  assert.deepEqual([delayAfter(1, 7, () => 0), delayAfter(1, 7, () => 1)], [7_000, 8_000]);
});

test("a lease has one holder, and is free again when its holder is done or dead", async () => {
  const store = new MemoryStore();
  assert.equal(await store.lease("room", "left", 20), true);
  assert.equal(await store.lease("room", "right", 20), false);
  assert.equal(await store.lease("room", "left", 20), true, "its holder renews it");
  await store.release("room", "right");
  assert.equal(await store.lease("room", "right", 20), false, "nobody gives up another's");
  await wait(30);
  assert.equal(await store.lease("room", "right", 20), true, "left died");
  let inside = 0;
  await Promise.all(
    [1, 2, 3].map(() => withLease(new MemoryStore(), "other", async () => inside++)),
  );
  assert.equal(inside, 3);
});
