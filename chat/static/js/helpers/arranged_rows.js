// Keeps the rows of the list of rooms in the order of models/sidebar_order.js. The current room keeps
// its rank until one leaves it, and nothing moves while a pointer is over the list.

import { inOrder, placeAmong, rankOf } from "../models/sidebar_order.js";
import { standingOf } from "./room_item.js";

const LONGEST_LIST = 100; // rooms in each part of the list, as many as a hello contains

export class ArrangedRows {
  #host;
  #ranks = new WeakMap(); // row -> its rank when the rows were last arranged
  #isDue = false;
  #isPointedAt = false;

  // `host`: the element of the lists, whose data-current is the id of the current room.
  constructor(host) {
    this.#host = host;
    host.addEventListener("pointerenter", ({ pointerType }) => {
      this.#isPointedAt = pointerType === "mouse";
    });
    host.addEventListener("pointerleave", () => {
      this.#isPointedAt = false;
      this.arrange();
    });
  }

  // Puts a row into a list. One that has no place yet comes where its name belongs or, if it is direct,
  // before all others.
  put(row, list) {
    if (row.dataset.place === "") {
      if (isDirect(row)) this.#bringForward(row);
      else row.dataset.place = placeAmong(this.#named(row), nameIn(row));
    }
    if (row.dataset.used === "") row.dataset.used = this.#first(usedOf) - 1;
    list.append(row);
    this.arrange();
  }

  // Somebody wrote in a room: direct rooms are in the order in which that happened last.
  noteMessage(row) {
    if (!isDirect(row)) return;
    this.#bringForward(row);
    this.arrange();
  }

  #bringForward(row) {
    row.dataset.place = this.#first(placeOf) - 1;
    row.dataset.used = this.#first(usedOf) - 1;
  }

  #first(numberOf) {
    return Math.min(0, ...[...this.#host.querySelectorAll(".room-item")].map(numberOf));
  }

  #named(row) {
    return [...this.#host.querySelectorAll(".room-item")]
      .filter((each) => each !== row && !isDirect(each) && each.dataset.place !== "")
      .map((each) => ({ name: nameIn(each), place: placeOf(each) }));
  }

  // Once for all changes of a moment.
  arrange() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.#isPointedAt) return;
      for (const list of this.#host.querySelectorAll("[data-section]")) this.#arrange(list);
    });
  }

  #arrange(list) {
    const rows = [...list.children].map((row) => ({
      row,
      rank: this.#rank(row),
      place: placeOf(row),
    }));
    const ordered = inOrder(rows).map(({ row }) => row);
    const { activeElement } = document;
    move(list, ordered);
    if (list.contains(activeElement)) activeElement.focus({ preventScroll: true });
    const used = inOrder(rows.map((each) => ({ ...each, place: usedOf(each.row) })));
    for (const { row } of used.slice(LONGEST_LIST)) if (!this.#isCurrent(row)) row.remove();
  }

  #rank(row) {
    const known = this.#ranks.get(row);
    if (known !== undefined && this.#isCurrent(row)) return known;
    const rank = rankOf(standingOf(row));
    this.#ranks.set(row, rank);
    return rank;
  }

  #isCurrent(row) {
    return row.dataset.roomId === this.#host.dataset.current;
  }
}

function isDirect(row) {
  return row.classList.contains("room-item-direct");
}

function nameIn(row) {
  return row.querySelector(".room-item-name").textContent;
}

function placeOf(row) {
  return Number(row.dataset.place);
}

// The room that the person used last has the lowest number: the others leave a list that is too long.
function usedOf(row) {
  return Number(row.dataset.used);
}

// Moves as few rows as one change needs: a row that is moved loses the focus.
function move(list, ordered) {
  for (const [index, row] of ordered.entries()) {
    const there = list.children[index];
    if (there === row) continue;
    if (there.nextElementSibling === row) ordered[ordered.indexOf(there) - 1].after(there);
    if (list.children[index] !== row) list.children[index].before(row);
  }
}
