// What a device keeps of the chat: for one person, within bounds, and no longer than it may.

import assert from "node:assert/strict";
import { test } from "node:test";

import { OfflinePages } from "../../chat/static/js/models/offline_pages.js";
import { FakeStorage } from "./fake_storage.js";

const ROOM = "a".repeat(24);
const BOB = { me: "bob", version: "1" };
const DAY = 24 * 3_600_000;

function device() {
  const storage = new FakeStorage();
  const clock = { now: 0 };
  const copies = () => new OfflinePages(storage, () => clock.now);
  return { storage, clock, copies };
}

function begin(copies, owner = BOB) {
  return copies.begin({
    ...owner,
    frame: '<body class="app"><title></title><nav>$& rooms</nav><!--main--></body>',
    absent: '<title>Away</title><main data-place="app">away</main>',
    policy: "default-src 'none'",
    files: ["https://chat.example/static/1/app.js"],
  });
}

function roomPage(text) {
  return `<title>design</title><main data-place="app app-room">${text}</main>`;
}

function entry(seq) {
  return { seq, event: "message:posted", room_id: ROOM };
}

test("a room is shown in the frame, with the policy of the chat's pages", async () => {
  const copies = device().copies();
  await begin(copies);
  await copies.keep(`/rooms/${ROOM}`, roomPage("$& hello <!--main-->"), 3);
  const shown = await copies.show(`/rooms/${ROOM}`);
  assert.equal(shown.headers.get("Content-Security-Policy"), "default-src 'none'");
  assert.equal(
    await shown.text(),
    '<body class="app app-room"><title>design</title><nav>$& rooms</nav>' +
      '<main data-kept data-place="app app-room">$& hello <!--main--></main></body>',
  );
});

test("an address that is not kept shows that the chat is away, beside the rooms", async () => {
  const copies = device().copies();
  assert.equal(await copies.showAbsent("/mentions"), null, "nothing is kept yet");
  await begin(copies);
  await copies.keep("/mentions", roomPage("named"), 0);
  assert.equal(await copies.show("/mentions"), null);
  const text = await (await copies.showAbsent("/mentions")).text();
  assert.match(text, /<title>Away<\/title>.*rooms.*data-kept.*away/);
  assert.match(await (await copies.showAbsent("/")).text(), /class="app app-rooms"/);
  await copies.keep("/rooms", roomPage("the list"), 0);
  assert.match(await (await copies.show("/")).text(), /class="app app-rooms".*the list/);
});

test("what happens in a room is added in order, each once, without a gap", async () => {
  const copies = device().copies();
  await begin(copies);
  await copies.keep(`/rooms/${ROOM}`, roomPage(""), 3);
  await copies.addEntries(ROOM, [entry(3), entry(4), entry(6)]);
  await copies.addEntries(ROOM, [entry(4), entry(5), entry(6)]);
  const seqs = async () => (await copies.entriesOf(ROOM)).map(({ seq }) => seq);
  assert.deepEqual(await seqs(), [4, 5, 6]);
  const many = Array.from({ length: 300 }, (_, index) => entry(7 + index));
  assert.equal(await copies.addEntries(ROOM, many), true, "the page has to be fetched again");
  assert.equal((await seqs()).length, 200);
  await copies.keep(`/rooms/${ROOM}`, roomPage("again"), 306);
  assert.deepEqual(await seqs(), []);
  assert.equal(await copies.addEntries("b".repeat(24), [entry(1)]), false, "a room not kept");
  assert.deepEqual(await copies.entriesOf("b".repeat(24)), []);
});

test("the ten rooms that were read last are kept, for thirty days", async () => {
  const { clock, copies: open } = device();
  const copies = open();
  await begin(copies);
  const idOf = (number) => number.toString(16).padStart(24, "0");
  for (let number = 0; number < 11; number++)
    await copies.keep(`/rooms/${idOf(number)}`, roomPage(`room ${number}`), 0);
  assert.equal(await copies.find(`/rooms/${idOf(0)}`), null);
  assert.match(await copies.find(`/rooms/${idOf(1)}`), /room 1/);
  await copies.keep(`/rooms/${idOf(12)}`, roomPage("x".repeat(1_000_000)), 0);
  assert.equal(await copies.find(`/rooms/${idOf(12)}`), null, "it is too long");
  clock.now = 31 * DAY;
  assert.equal(await copies.find(`/rooms/${idOf(1)}`), null);
});

test("another person, another version and a sign-out find nothing", async () => {
  for (const other of [
    { me: "carol", version: "1" },
    { me: "bob", version: "2" },
  ]) {
    const { copies } = device();
    const before = copies();
    await begin(before);
    await before.keep(`/rooms/${ROOM}`, roomPage("hello"), 1);
    await begin(copies(), BOB);
    assert.match(await before.find(`/rooms/${ROOM}`), /hello/, "the same person keeps it");
    await begin(copies(), other);
    assert.equal(await before.find(`/rooms/${ROOM}`), null);
    await before.keep(`/rooms/${ROOM}`, roomPage("late"), 1);
    assert.equal(await before.find(`/rooms/${ROOM}`), null, "nor what comes of a page of before");
  }
  const { storage, copies: open } = device();
  const [copies, otherTab] = [open(), open()];
  await begin(copies);
  await begin(otherTab);
  await copies.keep(`/rooms/${ROOM}`, roomPage("hello"), 1);
  await copies.clear();
  await otherTab.keep(`/rooms/${ROOM}`, roomPage("hello"), 1);
  await otherTab.addEntries(ROOM, [entry(2)]);
  assert.equal(await copies.show(`/rooms/${ROOM}`), null);
  assert.deepEqual(await storage.keys(), ["chat-files-1"]);
});

test("each kept room tells how far it is known, and a forgotten one nothing", async () => {
  const copies = device().copies();
  assert.deepEqual(await copies.heads(), new Map());
  await begin(copies);
  const other = "b".repeat(24);
  for (const id of [ROOM, other]) copies.keep(`/rooms/${id}`, roomPage(id), 3);
  copies.addEntries(other, [entry(4), entry(6)]);
  assert.deepEqual(
    [...(await copies.heads())],
    [
      [ROOM, 3],
      [other, 4],
    ],
  );
  await copies.forgetRoom(other);
  assert.equal(await copies.find(`/rooms/${other}`), null);
  assert.deepEqual([...(await copies.heads()).keys()], [ROOM]);
});

test("files of before, and what earlier forms kept, go", async () => {
  const { storage, copies: open } = device();
  const copies = open();
  await storage.open("chat-pages-0");
  await storage.open("of another program");
  await copies.forgetEarlierForms();
  assert.deepEqual(await storage.keys(), ["of another program"]);
  await (await storage.open("chat-files-1")).addAll(["https://chat.example/static/0/app.js"]);
  await begin(copies);
  assert.equal(await copies.findFile("https://chat.example/static/0/app.js"), undefined);
  assert.ok(await copies.findFile("https://chat.example/static/1/app.js"));
});
