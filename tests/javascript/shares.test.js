// What other apps share with the chat waits on the device: for one person, and for an hour.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { OfflinePages } from "../../chat/static/js/models/offline_pages.js";
import { joinedText } from "../../chat/static/js/models/shared_text.js";
import { SHARES, Shares } from "../../chat/static/js/models/shares.js";
import { FakeStorage } from "./fake_storage.js";

const MINUTE = 60_000; // ms

function device() {
  const storage = new FakeStorage();
  const clock = { now: 0 };
  return { storage, clock, shares: new Shares(storage, () => clock.now) };
}

function formOf(texts, files = []) {
  const form = new FormData();
  for (const [name, text] of Object.entries(texts)) form.append(name, text);
  for (const file of files) form.append("files", file);
  return form;
}

async function count(storage) {
  return (await (await storage.open(SHARES)).keys()).length;
}

test("title, text and address become one text, in which nothing is said twice", () => {
  const corpus = new URL("../corpus/shared_texts.json", import.meta.url);
  for (const [title, text, url, joined] of JSON.parse(readFileSync(corpus, "utf8")))
    assert.equal(joinedText(title, text, url), joined);
});

test("a share is found by its id with its pictures, until it is taken", async () => {
  const { storage, shares } = device();
  const picture = new File(["bytes"], "Fähre.png", { type: "image/png" });
  const empty = new File([], "");
  const id = await shares.keep(
    formOf({ title: "Ferry", text: "at seven" }, [picture, empty]),
    null,
  );
  const found = await shares.find(id, "bob");
  assert.equal(found.text, "Ferry\nat seven");
  const [file] = found.files;
  assert.deepEqual([file.name, file.type, await file.text()], ["Fähre.png", "image/png", "bytes"]);
  assert.equal(found.files.length, 1);
  assert.equal(await shares.find("0".repeat(32), "bob"), null);
  await shares.forget(id);
  assert.equal(await shares.find(id, "bob"), null);
  assert.equal(await count(storage), 0);
});

test("somebody else who signs in does not find what the person of the device shared", async () => {
  const { shares } = device();
  const id = await shares.keep(formOf({ text: "secret" }), "bob");
  assert.equal(await shares.find(id, "mallory"), null);
  assert.equal((await shares.find(id, "bob")).text, "secret");
});

test("what nobody comes for is forgotten after an hour, and by signing out at once", async () => {
  const { storage, clock, shares } = device();
  await shares.forgetOld();
  assert.equal(await storage.has(SHARES), false, "looking for shares makes no cache");
  const id = await shares.keep(formOf({ text: "old" }, [new File(["x"], "x.png")]), "bob");
  clock.now = 59 * MINUTE;
  const later = await shares.keep(formOf({ text: "new" }), "bob");
  clock.now = 61 * MINUTE;
  assert.equal(await shares.find(id, "bob"), null);
  await shares.forgetOld();
  assert.equal(await count(storage), 1);
  assert.equal((await shares.find(later, "bob")).text, "new");
  await shares.clear();
  assert.equal(await shares.find(later, "bob"), null);
});

test("a new worker keeps shares, and knows whose pages the device keeps", async () => {
  const { storage, shares } = device();
  const copies = new OfflinePages(storage);
  assert.equal(await copies.ownerId(), null);
  const page = { frame: "", absent: "", policy: "", files: ["https://chat.example/static/1/a.js"] };
  await copies.begin({ me: "bob", version: "1", ...page });
  assert.equal(await copies.ownerId(), "bob");
  const id = await shares.keep(formOf({ text: "here" }), "bob");
  await copies.forgetEarlierForms([SHARES]);
  assert.equal((await shares.find(id, "bob")).text, "here");
});
