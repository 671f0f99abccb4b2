// Lines that tell of the same share a row, in the browser; test_line_runs.py: on the server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import {
  dataOf,
  formOf,
  gather,
  inOrder,
  linesIn,
  peopleOf,
} from "../../chat/static/js/models/line_runs.js";

const EXAMPLES = JSON.parse(readFileSync("tests/corpus/line_runs.json", "utf8"));
const NOON = Date.UTC(2026, 10, 10, 12);

// `ada added:bob 3 60` is after entry 3, 60 s after noon.
function lineOf(told) {
  const [actor, deed, seq, seconds] = told.split(" ");
  const [kind, user] = deed.split(":");
  return {
    id: told.replaceAll(" ", "-"),
    seq: Number(seq),
    kind,
    created_at: new Date(NOON + seconds * 1000).toISOString(),
    actor: { id: actor },
    user: user ? { id: user } : null,
    text: "Ferries",
  };
}

function rowOf(run) {
  const [{ kind, actor }] = run.lines;
  const { named, rest } = peopleOf(run);
  const by = kind === "joined" || kind === "left" ? [] : ["by", actor.id];
  return [run.slot, formOf(run), ...by, ...named.map(({ id }) => id), `+${rest}`].join(" ");
}

for (const { why, seqs, lines, rows } of EXAMPLES)
  test(why, () => assert.deepEqual(gather(lines.map(lineOf), seqs).map(rowOf), rows));

test("the markup of a row has what its lines need to be gathered again", () => {
  for (const { seqs, lines } of EXAMPLES) {
    const runs = gather(lines.map(lineOf), seqs);
    const read = runs.flatMap((run) => {
      const [{ kind, actor }] = run.lines;
      return linesIn({ kind, actorId: actor.id, lines: dataOf(run) });
    });
    const again = gather(
      read.map((line) => ({ text: "Ferries", ...line })),
      seqs,
    );
    assert.deepEqual(again.map(rowOf), runs.map(rowOf));
    assert.deepEqual(again.map(dataOf), runs.map(dataOf));
  }
});

test("lines are in the order of the log, then of time", () => {
  const lines = ["a joined 2 0", "b joined 1 9", "c joined 1 3"].map(lineOf).sort(inOrder);
  assert.deepEqual(
    lines.map(({ actor }) => actor.id),
    ["c", "b", "a"],
  );
});
