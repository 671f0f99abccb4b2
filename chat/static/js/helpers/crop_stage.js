// Shows a picture behind the circle that is cut out of it. It is moved by dragging and with the
// arrow keys, and zoomed with a slider, the wheel, two fingers, + and -.

import { Crop } from "../models/crop.js";

const STEP = 0.04; // of what is seen, for an arrow key
const LONG_STEP = 0.2; // with Shift
const KEY_ZOOM = 1.1;
const WHEEL_ZOOM = 0.002; // for a pixel of the wheel
const DIRECTIONS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export class CropStage {
  #canvas;
  #slider;
  #picture = null;
  #crop;
  #fingers = new Map(); // pointer -> its place

  constructor(dialog) {
    this.#canvas = dialog.querySelector("canvas");
    this.#slider = dialog.querySelector("input[type=range]");
    const stage = dialog.querySelector(".crop-stage");
    const on = (target, name, action) =>
      target.addEventListener(name, (event) => this.#picture && action(event), { passive: false });
    on(stage, "keydown", (event) => this.#press(event));
    on(stage, "pointerdown", (event) => this.#touch(stage, event));
    on(stage, "pointermove", (event) => this.#drag(event));
    for (const name of ["pointerup", "pointercancel"])
      on(stage, name, ({ pointerId }) => this.#fingers.delete(pointerId));
    on(this.#slider, "input", () => this.#zoom(Number(this.#slider.value)));
    on(stage, "wheel", (event) => this.#roll(event));
  }

  show(picture) {
    this.#picture = picture;
    this.#crop = new Crop(picture.width, picture.height);
    this.#canvas.width = this.#canvas.clientWidth * devicePixelRatio;
    this.#canvas.height = this.#canvas.width;
    this.#draw();
  }

  clear() {
    this.#picture?.close();
    this.#picture = null;
    this.#fingers.clear();
  }

  // Resolves to a file of the chosen square, at most `side` pixels wide.
  cut(side, type, quality) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.max(1, Math.min(side, Math.round(this.#crop.square.side)));
    this.#paint(canvas);
    return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
  }

  #press(event) {
    const direction = DIRECTIONS[event.key];
    const step = event.shiftKey ? LONG_STEP : STEP;
    if (direction) this.#crop.move(direction[0] * step, direction[1] * step);
    else if (event.key === "+" || event.key === "=") this.#crop.zoomTo(this.#crop.zoom * KEY_ZOOM);
    else if (event.key === "-") this.#crop.zoomTo(this.#crop.zoom / KEY_ZOOM);
    else return;
    event.preventDefault();
    this.#draw();
  }

  #touch(stage, event) {
    stage.setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, placeOf(event));
  }

  #drag(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const place = placeOf(event);
    const distance = this.#distance();
    this.#fingers.set(event.pointerId, place);
    if (this.#fingers.size > 1) return this.#zoom((this.#crop.zoom * this.#distance()) / distance);
    const { clientWidth } = this.#canvas;
    this.#crop.move((before.x - place.x) / clientWidth, (before.y - place.y) / clientWidth);
    this.#draw();
  }

  // Between two fingers.
  #distance() {
    const [one, other = one] = this.#fingers.values();
    return Math.hypot(one.x - other.x, one.y - other.y) || 1;
  }

  #roll(event) {
    event.preventDefault();
    this.#zoom(this.#crop.zoom * Math.exp(-event.deltaY * WHEEL_ZOOM));
  }

  #zoom(zoom) {
    this.#crop.zoomTo(zoom);
    this.#draw();
  }

  #draw() {
    this.#slider.value = this.#crop.zoom;
    this.#paint(this.#canvas);
  }

  #paint(canvas) {
    const { x, y, side } = this.#crop.square;
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(this.#picture, x, y, side, side, 0, 0, canvas.width, canvas.height);
  }
}

function placeOf({ clientX: x, clientY: y }) {
  return { x, y };
}
