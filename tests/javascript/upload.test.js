// Pictures on their way: few at a time, and again after a while when the chat is busy with others.

import assert from "node:assert/strict";
import test from "node:test";

globalThis.document = {
  cookie: "chat_csrf=of-another; chat_csrf_5001=x",
  querySelector: () => ({ content: "chat_csrf_5001" }),
};
globalThis.setInterval = () => {};

// Stands where the browser's XMLHttpRequest does: a request is open until the test answers it.
const requests = [];
globalThis.XMLHttpRequest = class {
  upload = new EventTarget();
  #events = new EventTarget();
  status = 0;
  response = null;
  open() {}
  setRequestHeader() {}
  addEventListener(...listener) {
    this.#events.addEventListener(...listener);
  }
  send() {
    requests.push(this);
  }
  answer(status, response = null) {
    requests.splice(requests.indexOf(this), 1);
    Object.assign(this, { status, response });
    this.#events.dispatchEvent(new Event("loadend"));
  }
  abort() {
    this.answer(0);
  }
};

const { Upload } = await import("../../chat/static/js/models/upload.js");
const settled = () => new Promise((resolve) => setTimeout(resolve, 10));

function started(count) {
  const uploads = Array.from({ length: count }, () => new Upload("room", new Blob(["x"])));
  uploads.forEach((upload) => upload.start());
  return uploads;
}

test("three go at a time, and each that ends lets the next one go", async () => {
  const uploads = started(5);
  await settled();
  assert.equal(requests.length, 3);
  requests[0].answer(201, { id: "a" });
  await settled();
  assert.equal(requests.length, 3);
  while (requests.length) {
    requests[0].answer(201, { id: "b" });
    await settled();
  }
  assert.deepEqual(
    uploads.map(({ state }) => state),
    Array(5).fill("done"),
  );
});

test("one that is cancelled while it waits is never sent", async () => {
  const uploads = started(4);
  await settled();
  uploads[3].cancel();
  uploads[0].cancel();
  await settled();
  assert.equal(requests.length, 2);
  while (requests.length) {
    requests[0].answer(201, {});
    await settled();
  }
  assert.deepEqual(
    uploads.map(({ state }) => state),
    ["cancelled", "done", "done", "cancelled"],
  );
});

test("a picture that the chat had no turn for is sent again, and one that it refuses is not", async () => {
  const [upload, wrong] = started(2);
  await settled();
  requests[0].answer(429, { error: { message: "busy", retry_after: 0.01 } });
  requests.at(-1).answer(415, { error: { message: "no picture" } });
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(upload.state, "uploading");
  requests[0].answer(201, {});
  await settled();
  assert.equal(upload.state, "done");
  assert.deepEqual([wrong.state, wrong.problem, wrong.mayHelp], ["failed", "no picture", false]);
});

test("what something in between answers is told as what it is", async () => {
  const told = [];
  for (const status of [0, 413, 502, 403, 200]) {
    const [upload] = started(1);
    await settled();
    requests[0].answer(status);
    await settled();
    assert.equal(upload.state, "failed");
    told.push(upload.problem);
  }
  assert.deepEqual(told, [
    "The chat could not be reached.",
    "A server between you and the chat takes no file as large as this.",
    "The chat is being restarted; try again in a moment.",
    "A server between you and the chat answered in its place (403).",
    "A server between you and the chat answered in its place (200).",
  ]);
});

test("an answer that only looks like the chat's is not taken for it", async () => {
  for (const [status, answer] of [
    [403, { error: "Forbidden" }],
    [403, { error: null }],
    [400, { error: { reason: "policy" } }],
    [201, null],
  ]) {
    const [upload] = started(1);
    await settled();
    requests[0].answer(status, answer);
    await settled();
    assert.deepEqual(
      [upload.state, upload.problem],
      ["failed", `A server between you and the chat answered in its place (${status}).`],
    );
  }
});

test("a picture whose description something else answers is sent without it", async () => {
  const [upload] = started(1);
  await settled();
  requests[0].answer(201, { id: "a", alt: "" });
  await settled();
  globalThis.fetch = async () => new Response("<html>sign in to the network</html>");
  await upload.describe("a ferry");
  assert.equal(upload.image.id, "a");
});
