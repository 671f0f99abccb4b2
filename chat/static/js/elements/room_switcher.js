// Ctrl-K (⌘K) opens a dialog that goes to a room, a person or a command by the beginning of its name.
// The focus stays in its text; arrow keys select, Enter goes there, Escape leads back.

import { fitsExactly, fitting, wanted } from "../models/choices.js";
import { commandsIn } from "../helpers/commands.js";
import { otherDestinations, roomsOfSidebar, searchFor } from "../helpers/destinations.js";
import { hasCommandKey } from "../helpers/keyboards.js";
import { LiveElement } from "../helpers/live_element.js";
import { t } from "../models/translation.js";

const PAUSE = 120; // ms from the last key to the request
const MOST = 12;
const SEEN = "chat.seen"; // the rooms that this browser has shown
const MOST_SEEN = 20;
const MOST_RECENT = 8; // before anything is typed

export class RoomSwitcher extends LiveElement {
  #dialog;
  #text;
  #list;
  #seen = (localStorage.getItem(SEEN) ?? "").split(" "); // ids of rooms, the last first
  #here = []; // choices that are on the page
  #others = []; // choices that the server told
  #shown = [];
  #selected = 0;
  #hasMoved = false; // somebody has selected another one than the first
  #timer;
  #asking = null; // resolves when the server has answered

  prepare() {
    this.#dialog = this.querySelector("dialog");
    this.#text = this.querySelector(".switcher-text");
    this.#list = this.querySelector("[role=listbox]");
    this.#text.addEventListener("input", () => this.#look());
    this.#text.addEventListener("keydown", (event) => this.#press(event));
    this.#list.addEventListener("click", ({ target }) => this.#click(target));
    this.#list.addEventListener("mousedown", (event) => event.preventDefault()); // the text keeps the focus
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener("close", () => this.#forget());
    this.#note(document.querySelector("#main"));
  }

  enter() {
    this.listen(document, "page", (main) => this.#note(main));
    const { staySignal: signal } = this;
    document.addEventListener("keydown", (event) => this.#lead(event), { signal });
    const opener = document.querySelector(".sidebar-switch");
    opener.hidden = false;
    if (hasCommandKey()) opener.textContent = "⌘ K";
    opener.addEventListener("click", () => this.#open(), { signal });
  }

  leave() {
    this.#dialog.close();
  }

  #note({ dataset: { roomId } }) {
    if (!roomId) return;
    this.#seen = [roomId, ...this.#seen.filter((id) => id !== roomId)].slice(0, MOST_SEEN);
    localStorage.setItem(SEEN, this.#seen.join(" "));
  }

  #lead(event) {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (key.toLowerCase() !== "k" || ctrlKey === metaKey || altKey || shiftKey) return;
    event.preventDefault();
    if (this.#dialog.open) this.#dialog.close();
    else if (!document.querySelector("dialog[open]")) this.#open();
  }

  #open() {
    this.#text.value = "";
    this.#here = [
      ...roomsOfSidebar(this.#template("option"), this.#seen),
      ...commandsIn(this.querySelector(".switcher-commands").content),
    ];
    this.#dialog.showModal();
    this.#look();
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#list.replaceChildren();
    this.#shown = [];
  }

  #look() {
    this.#hasMoved = false;
    this.#show();
    clearTimeout(this.#timer);
    const { kind, words } = this.#wanted;
    this.#asking = null;
    if (words && kind !== "command") this.#asking = this.#askSoon(words);
  }

  async #askSoon(words) {
    await new Promise((resolve) => (this.#timer = setTimeout(resolve, PAUSE)));
    const others = await otherDestinations(words, this.#template("option"), this.#here);
    if (!this.#dialog.open || words !== this.#wanted.words) return;
    this.#others = others;
    this.#show();
  }

  #show() {
    const key = this.#hasMoved && this.#shown[this.#selected]?.key;
    this.#shown = this.#found();
    this.#shown.forEach(({ option }, i) => (option.id = `switcher-option-${i}`));
    this.#list.replaceChildren(...this.#shown.map(({ option }) => option));
    this.#list.hidden = this.#shown.length === 0;
    this.#text.setAttribute("aria-expanded", !this.#list.hidden);
    const { words } = this.#wanted;
    this.querySelector(".switcher-status").textContent =
      this.#shown.length === 0 ? t("No one and nothing matches “{words}”.", { words }) : "";
    this.#select(
      Math.max(
        0,
        this.#shown.findIndex((choice) => choice.key === key),
      ),
    );
  }

  // Before anything is typed, only rooms and people, and all of a kind behind its sign.
  #found() {
    const { kind, words } = this.#wanted;
    if (!kind && !words) return this.#here.slice(0, MOST_RECENT).filter(isPlace);
    const found = fitting([...this.#here, ...(words ? this.#others : [])], this.#wanted);
    const search = kind ? [] : [searchFor(words, this.#template("search"))];
    return [...found.slice(0, MOST), ...search];
  }

  #select(number) {
    this.#selected = number;
    this.#shown.forEach(({ option }, i) => option.setAttribute("aria-selected", i === number));
    const option = this.#shown[number]?.option;
    if (option) this.#text.setAttribute("aria-activedescendant", option.id);
    else this.#text.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  #press(event) {
    const { length } = this.#shown;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && length) {
      this.#hasMoved = true;
      this.#select((this.#selected + step + length) % length);
    } else if (event.key === "Enter") this.#take();
    else return;
    event.preventDefault();
  }

  #click(target) {
    const option = target.closest("[role=option]");
    const choice = this.#shown.find((each) => each.option === option);
    if (choice) this.#go(choice);
  }

  // Who types a name quickly means that person, whom the server may still have to find.
  async #take() {
    const isSure = this.#hasMoved || this.#isMeant(this.#shown[this.#selected]);
    if (!isSure && this.#asking) await this.#asking;
    const choice = this.#shown[this.#selected];
    if (choice && this.#dialog.open) this.#go(choice);
  }

  #isMeant(choice) {
    return isPlace(choice) && fitsExactly(choice, this.#wanted.words);
  }

  #go(choice) {
    this.#dialog.close();
    choice.go();
  }

  get #wanted() {
    return wanted(this.#text.value);
  }

  #template(name) {
    return this.querySelector(`.switcher-${name}-template`);
  }
}

function isPlace(choice) {
  return choice?.kind === "room" || choice?.kind === "person";
}
