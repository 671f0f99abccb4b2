import assert from "node:assert/strict";
import { test } from "node:test";

import { KeptPages } from "../../chat/static/js/models/kept_pages.js";
import { PageRequests } from "../../chat/static/js/models/page_requests.js";
import { addressIn } from "../../chat/static/js/models/panel_pages.js";

function requests() {
  const asked = [];
  const clock = { now: 0 };
  const request = async (address, { isAhead }) => {
    asked.push([address, isAhead]);
    if (address === "/broken") throw new Error("away");
    return { address, number: asked.length };
  };
  return { asked, clock, pages: new PageRequests(request, () => clock.now) };
}

test("the pages that were left last are kept, each given away once", () => {
  const kept = new KeptPages(2);
  for (const name of ["a", "b", "a", "c"]) kept.keep(`/${name}`, name);
  assert.equal(kept.take("/b"), undefined, "the third is the one that was left first");
  assert.equal(kept.take("/a"), "a");
  assert.equal(kept.take("/a"), undefined);
  assert.equal(kept.take("/c"), "c");
});

test("pages of a room that somebody is not in any more are dropped", () => {
  const kept = new KeptPages(9);
  for (const room of ["a", "b"])
    for (const place of ["", "?around=7"]) kept.keep(`/rooms/${room}${place}`, { room });
  kept.drop(({ room }) => room === "a");
  assert.equal(kept.take("/rooms/a"), undefined);
  assert.equal(kept.take("/rooms/a?around=7"), undefined);
  assert.deepEqual(kept.take("/rooms/b?around=7"), { room: "b" });
});

test("a page that was fetched ahead is used once, and not fetched twice", async () => {
  const { asked, pages } = requests();
  pages.ahead("/garden");
  pages.ahead("/garden");
  assert.equal((await pages.get("/garden")).number, 1);
  assert.equal((await pages.get("/garden")).number, 2);
  assert.deepEqual(asked, [
    ["/garden", true],
    ["/garden", false],
  ]);
});

test("a page that was fetched long ago is fetched again", async () => {
  const { clock, pages } = requests();
  pages.ahead("/garden");
  clock.now = 10_001;
  assert.equal((await pages.get("/garden")).number, 2);
});

test("a page that could not be fetched ahead is fetched when it is wanted", async () => {
  const { asked, pages } = requests();
  pages.ahead("/broken");
  await new Promise(setImmediate);
  await assert.rejects(pages.get("/broken"), /away/);
  assert.equal(asked.length, 2);
});

test("another room shows the same page in the panel, but what it is about instead of its settings", () => {
  const room = "0123456789abcdef01234567";
  assert.equal(addressIn(room, "pins"), `/rooms/${room}/pins`);
  assert.equal(addressIn(room, "settings"), `/rooms/${room}/about`);
  assert.equal(addressIn(room, "audit"), `/rooms/${room}/about`);
  assert.equal(addressIn(room, `outgoing-webhooks/${room}`), `/rooms/${room}/about`);
  assert.equal(addressIn(room, ""), "");
  assert.equal(addressIn(room, "nonsense"), "");
});
