// Which rooms, people and commands fit what somebody types to go there.

import assert from "node:assert/strict";
import test from "node:test";

import {
  fitsExactly,
  fitting,
  inOfferedOrder,
  wanted,
} from "../../chat/static/js/models/choices.js";

const CHOICES = [
  { kind: "room", name: "harbour-café" },
  { kind: "room", name: "Old Harbour" },
  { kind: "room", name: "Harbour" },
  { kind: "room", name: "会議室" },
  { kind: "person", name: "Élodie Ordway", otherNames: ["ello"] },
  { kind: "command", name: "Create room" },
];

const named = (text) => fitting(CHOICES, wanted(text)).map(({ name }) => name);

test("words fit beginnings of words, the best name comes first, and accents do not matter", () => {
  assert.deepEqual(named("harbour"), ["Harbour", "harbour-café", "Old Harbour"]);
  assert.deepEqual(named("CAFE"), ["harbour-café"]);
  assert.deepEqual(named("caf har"), ["harbour-café"]);
  assert.deepEqual(named("o"), ["Old Harbour", "Élodie Ordway"]);
  assert.deepEqual(named("ld"), []);
  assert.deepEqual(named("elo or"), ["Élodie Ordway"]);
  assert.deepEqual(named("ello"), ["Élodie Ordway"]);
  assert.deepEqual(named("議室"), ["会議室"]);
});

test("a slip in a word of four letters or more is forgiven, after what is written right", () => {
  const choices = [
    { kind: "command", name: "Randomize" },
    { kind: "room", name: "random" },
    { kind: "room", name: "general" },
    { kind: "person", name: "Kraig Mills" },
  ];
  const found = (text) => fitting(choices, wanted(text)).map(({ name }) => name);
  assert.deepEqual(found("kraig"), ["Kraig Mills"]);
  for (const typed of ["rnadom", "ranom", "randdom", "rendom", "andom", "randm"])
    assert.deepEqual(found(typed), ["random", "Randomize"], typed);
  assert.deepEqual(found("genreal"), ["general"]);
  assert.deepEqual(found("raandom mill"), []);
  assert.deepEqual(found("mlils kraig"), ["Kraig Mills"]);
  choices.push({ kind: "person", name: "Rnado" });
  assert.deepEqual(found("rnado"), ["Rnado", "random", "Randomize"]);
  for (const typed of ["rna", "arn", "rnadmo", "xxndom"])
    assert.ok(!found(typed).includes("random"), typed);
  assert.ok(fitsExactly(choices[1], "rand"));
  assert.ok(!fitsExactly(choices[1], "rnad"));
});

test("commands come after rooms and people that fit as well", () => {
  const choices = [
    { kind: "command", name: "Dark theme" },
    { kind: "room", name: "a darkroom" },
    { kind: "person", name: "Dark" },
  ];
  const found = (text) => fitting(choices, wanted(text)).map(({ name }) => name);
  assert.deepEqual(found("dark"), ["Dark", "a darkroom", "Dark theme"]);
});

test("a sign before the words looks for rooms, people or commands alone", () => {
  assert.deepEqual(named("#o"), ["Old Harbour"]);
  assert.deepEqual(named(" @ o "), ["Élodie Ordway"]);
  assert.deepEqual(named(">"), ["Create room"]);
  assert.deepEqual(named("> har"), []);
  assert.equal(named("").length, CHOICES.length);
  assert.deepEqual(named("-"), []);
});

test("first the room before, then who waits for an answer, then rooms by their last use", () => {
  const room = (id, place, more = {}) => ({
    id,
    place,
    isCalling: false,
    isUnread: false,
    ...more,
  });
  const rooms = [
    room("news", 0, { isUnread: true }),
    room("project", 1),
    room("harbour", 2),
    room("quay", 3),
    room("bob", 0),
    room("carol", 1, { isCalling: true, isUnread: true }),
    room("here", 2, { isCalling: true }),
  ];
  const order = (seen) => inOfferedOrder(rooms, seen, "here").map(({ id }) => id);
  const used = ["quay", "carol", "harbour", "news", "bob", "project", "here"];
  assert.deepEqual(order(["here", "quay", "harbour"]), used);
  assert.deepEqual(order([]), ["carol", "news", "bob", "project", "harbour", "quay", "here"]);
});
