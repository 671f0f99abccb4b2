// Suggests people for `@al…`, emoji for `:sm…` and commands for `/to…` while somebody types in the text of the same form: a
// listbox beside the text. Arrow keys select, Enter and Tab insert, Escape closes.

import { getJson } from "../helpers/api.js";
import { LiveElement } from "../helpers/live_element.js";
import { showAvatar } from "../helpers/message_view.js";
import { fromDemand } from "../helpers/on_demand.js";
import { recentEmoji, rememberEmoji } from "../helpers/recent_emoji.js";
import { skinTone } from "../helpers/skin_tone.js";
import { applyChange } from "../helpers/text_changes.js";
import { completionAt, suggestedEmoji, suggestedPeople } from "../models/completion.js";
import { loadEmoji } from "../models/emoji_list.js";
import { usernameAndTitle } from "../models/people.js";

const PAUSE = 120; // ms from the last key to the request
const MOST = 8;
const LEAST = 2; // letters, before people outside of the room are suggested

export class TextSuggestions extends LiveElement {
  #text;
  #list;
  #timer;
  #chosen = 0;

  prepare() {
    const form = this.closest("form");
    this.#text = form.querySelector("textarea");
    this.#list = this.querySelector("[role=listbox]");
    this.#list.id = `${this.#text.id}-suggestions`;
    this.#text.setAttribute("aria-autocomplete", "list");
    this.#text.setAttribute("aria-controls", this.#list.id);
    this.#text.addEventListener("input", () => this.#lookSoon());
    this.#text.addEventListener("blur", () => this.#close());
    // Before the text, where Enter sends.
    form.addEventListener("keydown", (event) => this.#press(event), { capture: true });
    this.#list.addEventListener("mousedown", (event) => this.#click(event));
  }

  // Emoji and commands are here already; people are asked for.
  #lookSoon() {
    clearTimeout(this.#timer);
    const completion = this.#completion;
    if (!completion) this.#close();
    else if (completion.kind !== "person") this.#look();
    else this.#timer = setTimeout(() => this.#look(), PAUSE);
  }

  async #look() {
    if (!this.#completion) return this.#close(); // the text was sent meanwhile
    const { kind, begun } = this.#completion;
    const find = {
      person: () => this.#findPeople(begun),
      emoji: () => this.#findEmoji(begun),
      command: () => this.#findCommands(begun),
    }[kind];
    const options = await find().catch(() => []); // without suggestions people type names
    const { kind: kindNow, begun: begunNow } = this.#completion ?? {};
    if (kind === kindNow && begun === begunNow) this.#show(options);
  }

  async #findEmoji(begun) {
    const how = { tone: skinTone(), most: MOST, recent: recentEmoji() };
    const found = suggestedEmoji(begun, await loadEmoji(), how);
    return found.map((item) => this.#emojiOption(item));
  }

  // In a direct room there is nobody to add.
  async #findPeople(begun) {
    const q = encodeURIComponent(begun);
    const asksOthers = begun.length >= LEAST && this.hasAttribute("data-suggests-others");
    const [{ members }, { users }] = await Promise.all([
      getJson(`/rooms/${this.dataset.roomId}/members?q=${q}&limit=${MOST + 1}`),
      asksOthers ? getJson(`/users?q=${q}`).catch(() => ({ users: [] })) : { users: [] },
    ]);
    const { me } = document.querySelector("#main").dataset;
    const found = suggestedPeople(begun, members, users, { me, most: MOST });
    return found.map((user) => this.#personOption(user));
  }

  async #findCommands(begun) {
    if (!this.closest("message-composer")) return [];
    const { roomId } = this.dataset;
    const makeOption = (...item) => this.#option("emoji", ...item);
    return fromDemand("command:find", { roomId, begun, makeOption });
  }

  #personOption(user) {
    const option = this.#option("person", user.username, user.display_name);
    const avatar = option.querySelector(".avatar");
    if (user.id) showAvatar(avatar, user);
    else avatar.replaceChildren("@");
    option.querySelector(".suggestion-username").textContent = usernameAndTitle(user);
    option.querySelector(".suggestion-absent").hidden = !user.isAbsent;
    const presence = option.querySelector("presence-dot");
    if (user.id) presence.dataset.userId = user.id;
    return option;
  }

  #emojiOption([emoji, name]) {
    const option = this.#option("emoji", emoji, name);
    option.querySelector(".suggestion-emoji").textContent = emoji;
    return option;
  }

  // `text` is what the option inserts.
  #option(kind, text, name) {
    const option = this.#copy(kind);
    option.dataset.text = text;
    option.querySelector(".suggestion-name").textContent = name;
    return option;
  }

  #copy(kind) {
    const { content } = this.querySelector(`.suggestion-${kind}-template`);
    return content.firstElementChild.cloneNode(true);
  }

  #show(options) {
    options.forEach((option, i) => (option.id = `${this.#list.id}-${i}`));
    this.#list.replaceChildren(...options);
    this.hidden = options.length === 0;
    this.#choose(0);
    if (!this.hidden) this.#place();
  }

  // Above the text, unless that is where the page ends.
  #place() {
    this.classList.remove("suggestions-below");
    const scroll = this.closest(".timeline-scroll");
    const top = scroll?.getBoundingClientRect().top ?? 0;
    this.classList.toggle("suggestions-below", this.getBoundingClientRect().top < top);
  }

  #choose(number) {
    const options = [...this.#list.children];
    this.#chosen = options.length && (number + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", i === this.#chosen));
    if (this.hidden) this.#text.removeAttribute("aria-activedescendant");
    else this.#text.setAttribute("aria-activedescendant", options[this.#chosen].id);
    options[this.#chosen]?.scrollIntoView({ block: "nearest" });
  }

  #press(event) {
    if (this.hidden || event.ctrlKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isTaking = (event.key === "Enter" && !event.shiftKey) || event.key === "Tab";
    const takes = isTaking && !this.#isOutdated;
    if (step) this.#choose(this.#chosen + step);
    else if (takes) this.#take(this.#list.children[this.#chosen]);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // The list may lag behind whoever types fast: Enter gives a command that is typed whole.
  get #isOutdated() {
    const { kind, begun } = this.#completion ?? {};
    const { text } = this.#list.children[this.#chosen].dataset;
    return kind === "command" && (text === begun || !text.startsWith(begun));
  }

  // On mousedown: a click would first move the focus out of the text.
  #click(event) {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) this.#take(option);
  }

  // As if somebody typed it: a draft stores it, and the list closes.
  #take({ dataset }) {
    const { kind, start } = this.#completion;
    if (kind === "emoji") rememberEmoji(dataset.text);
    const text = `${dataset.text} `;
    const end = start + text.length;
    applyChange(this.#text, {
      start,
      end: this.#text.selectionStart,
      text,
      select: [end, end],
    });
  }

  #close() {
    clearTimeout(this.#timer);
    this.#show([]);
  }

  get #completion() {
    return completionAt(this.#text.value, this.#text.selectionStart);
  }
}
