// The square of a picture that somebody is shown with.

import assert from "node:assert/strict";
import test from "node:test";

import { Crop } from "../../chat/static/js/models/crop.js";

test("it begins with the largest square, in the middle", () => {
  assert.deepEqual(new Crop(400, 300).square, { x: 50, y: 0, side: 300 });
  assert.deepEqual(new Crop(300, 400).square, { x: 0, y: 50, side: 300 });
});

test("it moves by what is seen, and never out of the picture", () => {
  const crop = new Crop(400, 300);
  crop.move(0.1, 0.5);
  assert.deepEqual(crop.square, { x: 80, y: 0, side: 300 });
  crop.move(9, -9);
  assert.deepEqual(crop.square, { x: 100, y: 0, side: 300 });
  crop.zoomTo(2);
  crop.move(9, 9);
  assert.deepEqual(crop.square, { x: 250, y: 150, side: 150 });
});

test("it stays within the picture when it grows again, and zooms no further than it may", () => {
  const crop = new Crop(400, 400);
  crop.zoomTo(4);
  crop.move(9, 9);
  crop.zoomTo(0.1);
  assert.deepEqual(crop.square, { x: 0, y: 0, side: 400 });
  crop.zoomTo(1000);
  assert.equal(crop.square.side, 50);
});
