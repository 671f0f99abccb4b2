// The emoji of the picker: all in their groups, or what a search found. Arrow keys move from one to the
// next; buttons lead to the groups.

import { inTone, placeInGrid } from "../models/emoji_list.js";
import { recentEmoji } from "./recent_emoji.js";
import { stepsAlong } from "./writing_direction.js";

const EMOJI = ".picker-emoji";
const JOINER = "\u200d"; // joins several signs to one
const WIDEST = 1.5; // of an ordinary emoji: what is wider is drawn as several signs

export class EmojiGrid {
  #picker;
  #drawn = new Map(); // whether a joined emoji is drawn as one sign, which depends on the fonts
  #shownTones = new Map(); // of the groups that are filled
  #filled = Promise.resolve();
  #fillings = 0;

  constructor(picker) {
    this.#picker = picker;
    picker.querySelector(".picker-jumps").addEventListener("click", ({ target }) => {
      const button = target.closest("[data-jump]");
      if (button) this.#jump(button.dataset.jump);
    });
  }

  // Shows what a search found.
  showFound(found, tone) {
    this.#fill(this.#results, found, tone);
    this.#showGroups(false);
  }

  // Shows all emoji, by the names of their groups. Groups are long: the first one comes at once, the
  // others one after the other, and only if they are not there yet.
  showAll(groups, tone) {
    this.#results.replaceChildren();
    this.#showGroups(true);
    this.#fillGroup("recent", recentIn(groups), tone);
    this.#group("recent").hidden = !recentEmoji().length;
    this.#filled = this.#fillGroups(Object.entries(groups), tone);
  }

  // The next emoji in the direction of an arrow key; undefined for other keys, and null at the edges.
  next(button, key) {
    const along = stepsAlong(this.#picker)[key];
    const down = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (!along && !down && key !== "Home" && key !== "End") return undefined;
    const grids = [...this.#picker.querySelectorAll(".picker-grid")];
    const buttons = grids.map((grid) => (grid.closest("[hidden]") ? [] : [...grid.children]));
    if (key === "Home") return buttons.flat()[0];
    if (key === "End") return buttons.flat().at(-1);
    const group = grids.indexOf(button.parentElement);
    const place = [group, buttons[group].indexOf(button)];
    const lengths = buttons.map(({ length }) => length);
    const next = placeInGrid(lengths, place, [along ?? 0, down ?? 0], columnsOf(grids[group]));
    return next && buttons[next[0]][next[1]];
  }

  // The first one that a search found, or the first of all.
  get first() {
    return this.#results.firstElementChild ?? this.#all.querySelector(EMOJI);
  }

  async #fillGroups(groups, tone) {
    const filling = ++this.#fillings;
    for (const [name, list] of groups) {
      if (filling !== this.#fillings) return; // another one goes on, in another tone
      if (this.#shownTones.get(name) === tone) continue;
      this.#shownTones.set(name, tone);
      this.#fillGroup(name, list, tone);
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  #fillGroup(name, list, tone) {
    this.#fill(this.#group(name).querySelector(".picker-grid"), list, tone);
  }

  #fill(grid, list, tone) {
    const shown = list.map((item) => inTone(item, tone)).filter(([emoji]) => this.#isOne(emoji));
    grid.replaceChildren(...shown.map((item) => emojiButton(...item)));
  }

  #showGroups(isShown) {
    this.#all.hidden = !isShown;
    this.#picker.querySelector(".picker-jumps").inert = !isShown;
  }

  async #jump(name) {
    await this.#filled;
    const group = this.#group(name);
    group.scrollIntoView({ block: "start" });
    group.querySelector(EMOJI)?.focus({ preventScroll: true });
  }

  #isOne(emoji) {
    if (!emoji.includes(JOINER)) return true;
    if (!this.#drawn.has(emoji)) this.#drawn.set(emoji, isDrawnAsOne(emoji));
    return this.#drawn.get(emoji);
  }

  // In the place of the emoji that did not come.
  showProblem(text) {
    const problem = document.createElement("p");
    problem.className = "picker-problem";
    problem.textContent = text;
    this.#results.replaceChildren(problem);
  }

  #group(name) {
    return this.#picker.querySelector(`[data-group="${name}"]`);
  }

  get #all() {
    return this.#picker.querySelector(".picker-groups");
  }

  get #results() {
    return this.#picker.querySelector(".picker-results");
  }
}

function recentIn(groups) {
  const all = Object.values(groups).flat();
  const isOf = (emoji) => (item) => item[0] === emoji || item[1].includes(emoji);
  return recentEmoji()
    .map((emoji) => [emoji, all.find(isOf(emoji))])
    .filter(([, item]) => item)
    .map(([emoji, item]) => [emoji, [], item[2]]);
}

let context = null;

function isDrawnAsOne(emoji) {
  context ??= document.createElement("canvas").getContext("2d");
  context.font = `20px ${getComputedStyle(document.body).fontFamily}`;
  return context.measureText(emoji).width < WIDEST * context.measureText("😀").width;
}

function columnsOf(grid) {
  return getComputedStyle(grid).gridTemplateColumns.split(" ").length;
}

function emojiButton(emoji, name) {
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "picker-emoji",
    value: emoji,
    textContent: emoji,
    title: name,
  });
  button.setAttribute("aria-label", name);
  return button;
}
