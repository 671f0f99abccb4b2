// What a paste or a drop means, and which files are pictures.

import assert from "node:assert/strict";
import test from "node:test";

import { sortFiles } from "../../chat/static/js/models/chosen_files.js";
import { wordsDropped, wordsPasted } from "../../chat/static/js/models/transfer.js";

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const LIMITS = { room: 10, most: 10 };
const picture = new File([new Uint8Array(PNG)], "image.png", { type: "image/png" });

test("text beside a picture of it is what is meant, with its tabs", () => {
  const cells = "Test 1\tX\r\nTest 2\tY";
  assert.equal(wordsPasted({ text: cells, files: [picture] }), "Test 1\tX\nTest 2\tY");
  assert.equal(
    wordsPasted({ text: "https://x.example/a.png", files: [picture] }),
    "https://x.example/a.png",
  );
});

test("blank text and the names of the files are not meant", () => {
  const files = [new File([], "Ferry at dawn.png"), new File([], "Überfahrt.png")];
  for (const text of [
    "",
    " \r\n",
    "Ferry at dawn.png\rÜberfahrt.png",
    "/home/bob/Ferry at dawn.png\n/home/bob/Überfahrt.png",
    "C:\\Users\\Bob\\Ferry at dawn.png",
    "file:///home/bob/Ferry%20at%20dawn.png",
    "U\u0308berfahrt.png",
  ])
    assert.equal(wordsPasted({ text, files }), "", text);
  assert.notEqual(wordsPasted({ text: "Ferry at dawn.png is late", files }), "");
});

test("who drags a picture out of a page means the picture, who drags words means words", () => {
  assert.equal(wordsDropped({ text: "https://x.example/a.png", files: [picture] }), "");
  assert.equal(wordsDropped({ text: "look at this", files: [picture] }), "look at this");
  assert.equal(
    wordsDropped({ text: "https://x.example/a.png", files: [] }),
    "https://x.example/a.png",
  );
});

test("content decides what a picture is, and the server about what no system knows", async () => {
  const files = [
    picture,
    new File([new Uint8Array(PNG)], "photo"),
    new File([new Uint8Array(PNG)], "scan.pdf", { type: "application/pdf" }),
    new File(["RIFF1234WEBPVP8 "], "x.txt", { type: "text/plain" }),
    new File(["    ftypavif"], "y.mp4", { type: "video/mp4" }),
    new File(["no idea"], "data", { type: "application/octet-stream" }),
  ];
  assert.deepEqual(await sortFiles(files, LIMITS), { pictures: files, refused: [] });
});

test("what is not taken is named, file by file, with the reason", async () => {
  const file = (name, type = "application/pdf") => new File(["%PDF-1.7"], name, { type });
  const refused = async (files, limits = {}) =>
    (await sortFiles(files, { ...LIMITS, ...limits })).refused;
  const reason = "only pictures can be sent";
  assert.deepEqual(await refused([file("a.pdf"), picture, file("b.mp4", "video/mp4")]), [
    { name: "a.pdf", reason },
    { name: "b.mp4", reason },
  ]);
  assert.deepEqual(await refused([file("evil\u202efdp.exe")]), [{ name: "evilfdp.exe", reason }]);
  const [{ name }] = await refused([file("x".repeat(300))]);
  assert.equal(name, `${"x".repeat(59)}…`);
  assert.deepEqual(await refused([picture, picture], { room: 1 }), [
    { name: "image.png", reason: "at most 10 pictures fit a message" },
  ]);
  const folder = Object.assign(new File([], "holidays"), {
    slice: () => ({ arrayBuffer: () => Promise.reject(new Error()) }),
  });
  assert.deepEqual(await refused([folder]), [
    { name: "holidays", reason: "a folder, or a file that can’t be read" },
  ]);
});
