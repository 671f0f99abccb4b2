// The chat joins its modules, and empties the lines that are comments (chat/utils/module_joiner.py).
// It does not parse them: no text may contain a line that looks like a comment.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parsers } from "prettier/plugins/babel";

const FOLDER = new URL("../../chat/static/js/", import.meta.url);
const LIKE_A_COMMENT = /\n *\/\//;

function textsOf(node) {
  if (!node || typeof node !== "object") return [];
  if (node.type === "TemplateElement") return [node.value.raw];
  return Object.values(node).flatMap(textsOf);
}

function textsIn(source) {
  return textsOf(parsers.babel.parse(source, {}).program);
}

test("no text has a line that looks like a comment", () => {
  const modules = readdirSync(FOLDER, { recursive: true }).filter((name) => name.endsWith(".js"));
  assert.ok(modules.length > 40);
  for (const name of modules) {
    for (const text of textsIn(readFileSync(new URL(name, FOLDER), "utf8"))) {
      assert.doesNotMatch(text, LIKE_A_COMMENT, name);
    }
  }
});

test("such a text would be found", () => {
  const [text] = textsIn("// A comment\nconst x = `\n// no comment\n`;\n");
  assert.match(text, LIKE_A_COMMENT);
  assert.deepEqual(textsIn("const x = `a${\n  // a comment\n  1}`;\n").join(""), "a");
});

test("no text goes on in another line, whose indentation would be lost", () => {
  const modules = readdirSync(FOLDER, { recursive: true }).filter((name) => name.endsWith(".js"));
  for (const name of modules)
    for (const text of textsIn(readFileSync(new URL(name, FOLDER), "utf8")))
      assert.ok(!text.includes("\n"), name);
});
