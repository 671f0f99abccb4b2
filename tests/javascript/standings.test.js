// What the sidebar asks about rooms that it does not show.

import assert from "node:assert/strict";
import test from "node:test";

import { Standings } from "../../chat/static/js/models/standings.js";

// A server that answers what `answer` makes of the ids, and a clock that is moved by hand.
function asking(answer = (ids) => ids) {
  const paths = [],
    due = [],
    told = [];
  const get = async (path) => {
    paths.push(path);
    return {
      rooms: answer(new URLSearchParams(path.split("?")[1]).get("ids").split(",")).map((id) => ({
        room: { id },
      })),
    };
  };
  const standings = new Standings(get, (action) => due.push(action));
  standings.addEventListener("standing", ({ detail }) => told.push(detail.room.id));
  const pass = async () => {
    for (const action of due.splice(0)) await action();
  };
  return { standings, paths, told, pass };
}

test("rooms that are wanted within a moment are asked about together, each once", async () => {
  const { standings, paths, told, pass } = asking();
  for (const id of ["a", "b", "a"]) standings.ask(id);
  assert.deepEqual(paths, []);
  await pass();
  assert.deepEqual(paths, ["/rooms?ids=a,b"]);
  assert.deepEqual(told, ["a", "b"]);
  await pass();
  assert.equal(paths.length, 1, "nothing is left to ask");
});

test("more than a hundred are asked about in turns", async () => {
  const { standings, paths, told, pass } = asking();
  const ids = [...Array(250).keys()].map(String);
  ids.forEach((id) => standings.ask(id));
  for (let turn = 1; turn <= 3; turn++) {
    await pass();
    assert.equal(paths.length, turn);
  }
  assert.deepEqual(told, ids);
});

test("of a room that somebody is not in nothing is told, and a failure leaves the next question possible", async () => {
  let fails = true;
  const { standings, told, pass } = asking((ids) => {
    if (fails) throw new Error("the server is away");
    return ids.filter((id) => id !== "not-mine");
  });
  standings.ask("mine");
  await pass();
  assert.deepEqual(told, []);
  fails = false;
  standings.ask("mine");
  standings.ask("not-mine");
  await pass();
  assert.deepEqual(told, ["mine"]);
});
