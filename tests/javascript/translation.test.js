// Sentences in the page's language. The chat replaces the catalogue module, which is English here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inContext, plural, t } from "../../chat/static/js/models/translation.js";
import { SENTENCES } from "../../chat/static/js/models/catalogue.js";

test("a sentence has its values, and what has none stays visible", () => {
  assert.equal(t("Messages in {room}", { room: "{x} $&" }), "Messages in {x} $&");
  assert.equal(t("Messages in {room}"), "Messages in {room}");
  assert.equal(t("{count} left", { count: 0 }), "0 left");
});

test("numbers choose the form", () => {
  const said = (count) =>
    plural("{count} room of {name}", "{count} rooms of {name}", count, { name: "Ada" });
  assert.equal(said(1), "1 room of Ada");
  assert.equal(said(0), "0 rooms of Ada");
});

test("a catalogue's sentences come first, English where it has none", () => {
  Object.assign(SENTENCES, {
    Today: "Heute",
    "verb\u0004Pin": "Anheften",
    "{count} room": { one: "{count} Raum", other: "{count} Räume" },
  });
  assert.equal(t("Today"), "Heute");
  assert.equal(t("Tomorrow"), "Tomorrow");
  assert.equal(inContext("verb", "Pin"), "Anheften");
  assert.equal(inContext("noun", "Pin"), "Pin");
  assert.equal(plural("{count} room", "{count} rooms", 1), "1 Raum");
  assert.equal(plural("{count} room", "{count} rooms", 2), "2 Räume");
});
