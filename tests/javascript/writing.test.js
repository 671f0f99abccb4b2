// What keys and formats do to a text, and what is completed while somebody types.

import assert from "node:assert/strict";
import test from "node:test";

import { completionAt, suggestedPeople } from "../../chat/static/js/models/completion.js";
import { emphasised } from "../../chat/static/js/models/emphasis.js";
import {
  BULLETS,
  NUMBERS,
  QUOTE,
  fenced,
  linkBegun,
  linkOver,
  marked,
} from "../../chat/static/js/models/formats.js";
import { isInFence, lineBreak } from "../../chat/static/js/models/line_breaks.js";

// In texts of these tests `|` is the cursor, or both ends of a selection.
function read(marked) {
  const [before, between, after] = marked.split("|");
  const isCursor = after === undefined;
  const text = isCursor ? before + between : before + between + after;
  return { text, start: before.length, end: before.length + (isCursor ? 0 : between.length) };
}

function written(text, change) {
  if (!change) return null;
  const {
    start,
    end,
    text: put,
    select: [from, to],
  } = change;
  const whole = text.slice(0, start) + put + text.slice(end);
  const between = from === to ? "|" : `|${whole.slice(from, to)}|`;
  return whole.slice(0, from) + between + whole.slice(to);
}

function broken(typed) {
  const { text, start } = read(typed);
  return written(text, lineBreak(text, start));
}

function changed(typed, format, ...details) {
  const { text, start, end } = read(typed);
  return written(text, format(text, start, end, ...details));
}

test("a fence is open until it is closed", () => {
  const open = [
    "```|",
    "```js\nlet a;|",
    "look: ```|",
    "> ```\n> a|",
    "~~~\n```|",
    "```\na\n```\n```|",
  ];
  const closed = ["|", "a|", "```a```|", "```\na\n```|", "a ``` b ``` c|", "`a|", "|```\na\n```"];
  const state = (typed) => isInFence(read(typed).text, read(typed).start);
  for (const typed of open) assert.equal(state(typed), true, typed);
  for (const typed of closed) assert.equal(state(typed), false, typed);
});

test("lists, quotes and indented code go on in the next line", () => {
  for (const [typed, next] of [
    ["- a|", "- a\n- |"],
    ["* a|b", "* a\n* |b"],
    ["9. a|", "9. a\n10. |"],
    ["1) a|", "1) a\n2) |"],
    ["  - a|", "  - a\n  - |"],
    ["- [x] a|", "- [x] a\n- [ ] |"],
    ["> a|", "> a\n> |"],
    ["> > - a|", "> > - a\n> > - |"],
    ["```\n  a|\n```", "```\n  a\n  |\n```"],
  ])
    assert.equal(broken(typed), next, typed);
});

test("an empty item ends the list", () => {
  assert.equal(broken("- a\n- |"), "- a\n|");
  assert.equal(broken("1. a\n2. |\nb"), "1. a\n|\nb");
  assert.equal(broken("> |"), "|");
  assert.equal(broken("> - |"), "> |");
});

test("elsewhere a line break is a line break", () => {
  for (const typed of ["a|", "|- a", "-|- a", "-a|", ">_<|", "2.5|", "```\n- |", "01|. a"])
    assert.equal(broken(typed), null, typed);
});

test("a sign is put around the selection, and taken away again", () => {
  assert.equal(changed("a |b c| d", emphasised, "**"), "a **|b c|** d");
  assert.equal(changed("a **|b c|** d", emphasised, "**"), "a |b c| d");
  assert.equal(changed("a |**b c**| d", emphasised, "**"), "a |b c| d");
  assert.equal(changed("a| b |c", emphasised, "_"), "a _|b|_ c");
  assert.equal(changed("|a\n\n b|", emphasised, "~~"), "|~~a~~\n\n ~~b~~|");
});

test("without a selection the cursor goes between two signs, and over the second one", () => {
  assert.equal(changed("a |", emphasised, "**"), "a **|**");
  assert.equal(changed("a **|**", emphasised, "**"), "a |");
  assert.equal(changed("a **b|**", emphasised, "**"), "a **b**|");
});

test("a sign is taken away, whatever other signs stand between it and the selection", () => {
  for (const [typed, sign, next] of [
    ["**_|me|_**", "**", "_|me|_"],
    ["**_|me|_**", "_", "**|me|**"],
    ["|**_me_**|", "**", "|_me_|"],
    ["|**_me_**|", "_", "|**me**|"],
    ["**|_me_|**", "**", "|_me_|"],
    ["**|_me_|**", "_", "**|me|**"],
    ["~~**_|me|_**~~", "**", "~~_|me|_~~"],
    ["_~~|**me**|~~_", "_", "~~|**me**|~~"],
    ["*|me|*", "_", "|me|"],
    ["|***me***|", "_", "|**me**|"],
    ["`**|me|**`", "**", "**`**|me|**`**"],
    ["**`|me|`**", "**", "`|me|`"],
    ["**_|_**", "**", "_|_"],
    ["**_me|_**", "**", "**_me_**|"],
  ])
    assert.equal(changed(typed, emphasised, sign), next, `${typed} ${sign}`);
});

test("a sign is added at the selection, outside of code", () => {
  for (const [typed, sign, next] of [
    ["**|me|**", "_", "**_|me|_**"],
    ["|**me**|", "_", "_|**me**|_"],
    ["`|me|`", "**", "**`|me|`**"],
    ["|/a/**|", "`", "`|/a/**|`"],
    ["snake_|case|_name", "**", "snake_**|case|**_name"],
    ["**|**", "_", "**_|_**"],
  ])
    assert.equal(changed(typed, emphasised, sign), next, `${typed} ${sign}`);
});

test("signs of several lines are put around each line, until all have them", () => {
  assert.equal(changed("|a\n\n b|", emphasised, "~~"), "|~~a~~\n\n ~~b~~|");
  assert.equal(changed("|~~a~~\n\n ~~b~~|", emphasised, "~~"), "|a\n\n b|");
  assert.equal(changed("|**a**\nb|", emphasised, "**"), "|**a**\n**b**|");
  assert.equal(changed("|**_a_**\n_**b**_|", emphasised, "**"), "|_a_\n_b_|");
});

test("lines become a list or a quote, and text again", () => {
  assert.equal(changed("a\n|b\nc|", marked, BULLETS), "a\n|- b\n- c|");
  assert.equal(changed("|- b\n- c|", marked, BULLETS), "|b\nc|");
  assert.equal(changed("ab|c", marked, QUOTE), "> ab|c");
  assert.equal(changed("> ab|c", marked, QUOTE), "ab|c");
  assert.equal(changed("|", marked, BULLETS), "- |");
  assert.equal(changed("|b\nc|", marked, NUMBERS), "|1. b\n2. c|");
  assert.equal(changed("|1. b\n2. c|", marked, NUMBERS), "|b\nc|");
  assert.equal(changed("|- b\n- c|", marked, NUMBERS), "|1. b\n2. c|");
  assert.equal(changed("1. a|", marked, BULLETS), "- a|");
});

test("lines become a block of code, and text again", () => {
  assert.equal(changed("x\n|a\nb|\ny", fenced), "x\n|```\na\nb\n```|\ny");
  assert.equal(changed("x\n|```js\na\nb\n```|", fenced), "x\n|a\nb|");
  assert.equal(changed("```\n|a\nb|\n```\ny", fenced), "|a\nb|\ny");
  assert.equal(changed("|", fenced), "```\n|\n```");
  assert.equal(changed("ab|c", fenced), "```\nab|c\n```");
  assert.equal(changed("|```\n```|", fenced), "|");
});

test("an address pasted over words becomes their link", () => {
  const paste = (typed, address) => changed(typed, linkOver, address);
  assert.equal(
    paste("see |the map|", "https://a.example/x"),
    "see [the map](https://a.example/x)|",
  );
  assert.equal(paste("|map|", " https://a.example/x_(y)\n"), "[map](https://a.example/x_%28y%29)|");
  for (const typed of ["a|", "|https://b.example|", "|a\nb|", "[a](|url|)", "`|a|`", "```\n|a|"])
    assert.equal(paste(typed, "https://a.example"), null, typed);
  assert.equal(paste("|map|", "https://a.example and more"), null);
  assert.equal(paste("|map|", "javascript:alert(1)"), null);
});

test("the button for links leaves what is missing to be typed", () => {
  assert.equal(changed("see |map|", linkBegun), "see [map](|url|)");
  assert.equal(changed("|", linkBegun), "[|](url)");
  assert.equal(changed("|https://a.example|", linkBegun), "[|](https://a.example)");
});

test("people are completed after an @, emoji after a colon and two letters", () => {
  const at = (typed) => completionAt(read(typed).text, read(typed).start);
  assert.deepEqual(at("ask @al|"), { kind: "person", begun: "al", start: 5 });
  assert.deepEqual(at("@|"), { kind: "person", begun: "", start: 1 });
  assert.deepEqual(at("good :sm|"), { kind: "emoji", begun: "sm", start: 5 });
  assert.deepEqual(at(":+1|"), { kind: "emoji", begun: "+1", start: 0 });
  for (const typed of [
    ":s|",
    "10:30|",
    "a:sm|",
    "std::sm|",
    "me@ex|",
    "`@al|",
    "```\n:sm|",
    ":-)|",
  ])
    assert.equal(at(typed), null, typed);
});

test("members are suggested first, then who is not in the room", () => {
  const [alice, bob, mallory] = ["alice", "bob", "mallory"].map((id) => ({ id, username: id }));
  const there = (...people) => people.map((user) => ({ user, deactivated: false }));
  const most = 8;
  assert.deepEqual(suggestedPeople("m", there(bob), [bob, mallory], { most }), [
    bob,
    { ...mallory, isAbsent: true },
  ]);
  assert.deepEqual(suggestedPeople("", there(alice, bob), [], { most }), [alice, bob]);
  const many = Array.from({ length: 8 }, (_, i) => ({ id: `m${i}`, username: `m${i}` }));
  assert.deepEqual(
    suggestedPeople("", there(...many), [], { most }).map(({ username }) => username),
    ["m0", "m1", "m2", "room", "m3", "m4", "m5", "m6"],
    "everyone is among the first",
  );
  assert.deepEqual(
    suggestedPeople("ro", [], [], { most }).map(({ username }) => username),
    ["room"],
  );
  assert.deepEqual(suggestedPeople("a", there(alice, bob), [mallory], { most: 2 }), [alice, bob]);
  const gone = { user: alice, deactivated: true };
  assert.deepEqual(suggestedPeople("", [gone, ...there(bob)], [], { most }), [bob]);
  const room = there(alice, bob, { id: "c", username: "carol" });
  assert.deepEqual(
    suggestedPeople("", room, [alice], { me: alice.id, most }).map(({ username }) => username),
    ["bob", "carol", "room"],
    "nobody means themselves, and everyone is more than two",
  );
});
