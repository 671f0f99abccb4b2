// Which square of a picture is taken. All lengths are pixels of the picture.

const MOST_ZOOM = 8;

export class Crop {
  zoom = 1;
  #width;
  #height;
  #x; // of the middle of the square
  #y;

  constructor(width, height) {
    this.#width = width;
    this.#height = height;
    this.#x = width / 2;
    this.#y = height / 2;
  }

  // {x, y, side}: the square, which is always within the picture.
  get square() {
    const side = Math.min(this.#width, this.#height) / this.zoom;
    return { x: this.#x - side / 2, y: this.#y - side / 2, side };
  }

  // By parts of the square's side: 0.1 is a tenth of what is seen.
  move(right, down) {
    const { side } = this.square;
    this.#x += right * side;
    this.#y += down * side;
    this.#stayWithin();
  }

  zoomTo(zoom) {
    this.zoom = Math.min(MOST_ZOOM, Math.max(1, zoom));
    this.#stayWithin();
  }

  #stayWithin() {
    const half = this.square.side / 2;
    this.#x = Math.min(this.#width - half, Math.max(half, this.#x));
    this.#y = Math.min(this.#height - half, Math.max(half, this.#y));
  }
}
