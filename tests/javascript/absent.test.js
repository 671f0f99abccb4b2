import assert from "node:assert/strict";
import { test } from "node:test";

import { namesNobody } from "../../chat/static/js/models/absent.js";

test("names are found once, without the punctuation behind them", () => {
  assert.deepEqual(namesNobody("@Carol, and (@carol.) ask ＠ｗａｌｔｅｒ!"), ["carol", "walter"]);
});

test("addresses and the whole room are nobody's name", () => {
  assert.deepEqual(namesNobody("me@carol x/@carol @room @a @@carol"), []);
});
