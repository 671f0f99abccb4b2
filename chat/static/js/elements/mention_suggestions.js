// Suggests people while somebody types `@al…`: a listbox above the text. Arrow keys select, Enter and
// Tab insert, Escape closes.

import { LiveElement } from "../helpers/live_element.js";

const BEGUN = /(?:^|[^\w/.@-])[@＠]([\p{L}\p{N}_.-]{0,32})$/u;
const EVERYBODY = { username: "room", display_name: "Everyone in this room" };
const PAUSE = 120; // ms from the last key to the request
const MOST = 8;

export class MentionSuggestions extends LiveElement {
  #text;
  #list;
  #timer;
  #chosen = 0;

  prepare() {
    this.#text = document.getElementById(this.dataset.for);
    this.#list = this.querySelector("[role=listbox]");
    this.#text.addEventListener("input", () => this.#lookSoon());
    this.#text.addEventListener("blur", () => this.#close());
    // Before the composer, where Enter sends.
    this.#text.form.addEventListener("keydown", (event) => this.#press(event), { capture: true });
    this.#list.addEventListener("mousedown", (event) => this.#click(event));
  }

  #lookSoon() {
    clearTimeout(this.#timer);
    if (this.#begun !== undefined) this.#timer = setTimeout(() => this.#look(), PAUSE);
    else this.#close();
  }

  async #look() {
    const begun = this.#begun;
    const answer = await fetch(
      `/api/v1/rooms/${this.dataset.roomId}/members?q=${encodeURIComponent(begun)}&limit=${MOST}`,
    ).catch(() => null);
    if (!answer?.ok || begun !== this.#begun) return; // without suggestions people type names
    const { members } = await answer.json();
    const everybody =
      begun && EVERYBODY.username.startsWith(begun.toLowerCase()) ? [EVERYBODY] : [];
    this.#show([...members.map(({ user }) => user), ...everybody]);
  }

  #show(users) {
    const template = this.querySelector("template").content.firstElementChild;
    this.#list.replaceChildren(
      ...users.map((user, i) => {
        const option = template.cloneNode(true);
        option.id = `suggestion-${i}`;
        option.dataset.username = user.username;
        option.querySelector("strong").textContent = user.display_name;
        option.querySelector("span").textContent = `@${user.username}`;
        return option;
      }),
    );
    this.hidden = users.length === 0;
    this.#choose(0);
  }

  #choose(number) {
    const options = [...this.#list.children];
    this.#chosen = options.length && (number + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", i === this.#chosen));
    if (this.hidden) this.#text.removeAttribute("aria-activedescendant");
    else this.#text.setAttribute("aria-activedescendant", options[this.#chosen].id);
  }

  #press(event) {
    if (this.hidden || event.ctrlKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#choose(this.#chosen + step);
    else if (event.key === "Enter" || event.key === "Tab")
      this.#take(this.#list.children[this.#chosen]);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // On mousedown: a click would first move the focus out of the text.
  #click(event) {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) this.#take(option);
  }

  #take({ dataset: { username } }) {
    const end = this.#text.selectionStart;
    this.#text.setRangeText(`${username} `, end - this.#begun.length, end, "end");
    this.#text.dispatchEvent(new Event("input", { bubbles: true })); // as if typed: the draft stores it, the list closes
  }

  #close() {
    clearTimeout(this.#timer);
    this.#show([]);
  }

  // The text between an `@` and the cursor.
  get #begun() {
    return this.#text.value.slice(0, this.#text.selectionStart).match(BEGUN)?.[1];
  }
}
