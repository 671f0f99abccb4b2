// Emoji to react with, or to write: frequent ones at once, all others by name, in the skin tone of one's
// choice.

import { inTone, loadEmojiGroups, searchEmoji } from "../models/emoji_list.js";
import { focusAgain } from "../helpers/kept_focus.js";
import { hasKeyboard } from "../helpers/keyboards.js";
import { LiveElement } from "../helpers/live_element.js";
import { fromDemand } from "../helpers/on_demand.js";
import { openAt } from "../helpers/popovers.js";
import { recentEmoji, rememberEmoji } from "../helpers/recent_emoji.js";
import { chooseSkinTone, skinTone } from "../helpers/skin_tone.js";
import { insertText } from "../helpers/text_changes.js";
import { t } from "../models/translation.js";

export class EmojiPicker extends LiveElement {
  #picker;
  #search;
  #grid; // of all emoji, once it is loaded
  #loading;
  #use; // what is done with the chosen emoji, and when the picker closes

  prepare() {
    this.#picker = this.querySelector(".picker");
    this.#search = this.querySelector(".picker-search");
    this.#picker.addEventListener(
      "click",
      ({ target }) => target.value && target.matches(".picker-emoji") && this.#choose(target.value),
    );
    this.#picker.addEventListener("keydown", (event) => this.#moveFocus(event));
    this.#picker.addEventListener("toggle", ({ newState }) => {
      if (newState === "closed") this.#use.leave();
    });
    this.#search.addEventListener("input", () => this.#show());
    this.querySelector(".picker-tones").addEventListener("change", ({ target }) =>
      this.#chooseTone(Number(target.value)),
    );
  }

  // To react to the message that an element shows.
  open(element) {
    const timeline = document.querySelector("message-timeline");
    element.classList.add("message-chosen");
    this.#open(element.querySelector(".message-more"), {
      labelOf: (emoji) => t("React with {emoji}", { emoji }),
      choose: (emoji) =>
        timeline.actions.change("message:react", { id: element.dataset.id, emoji, on: true }),
      leave: () => {
        element.classList.remove("message-chosen");
        focusAgain(element);
      },
    });
  }

  // To insert an emoji into a text, which stays in sight.
  openToWrite(field) {
    this.#open(field.form, {
      isAtTheStart: true,
      labelOf: (emoji) => t("Insert {emoji}", { emoji }),
      choose: (emoji) => insertText(field, emoji),
      leave: () => focusAgain(field),
    });
  }

  // To fill a field with one emoji.
  openToFill(field) {
    this.#open(field, {
      isAtTheStart: true,
      labelOf: (emoji) => t("Insert {emoji}", { emoji }),
      choose: (emoji) => (field.value = emoji),
      leave: () => focusAgain(field),
    });
  }

  // Words go to the search. On glass it would open the keyboard, which covers half of the emoji.
  #open(anchor, use) {
    this.#use = use;
    this.#search.value = "";
    this.querySelector(`.picker-tones [value="${skinTone()}"]`).checked = true;
    openAt(this.#picker, anchor, use);
    (hasKeyboard() ? this.#search : this.querySelector(".picker-emoji")).focus();
    this.#show();
  }

  async #show() {
    const status = this.querySelector(".picker-status");
    const words = this.#search.value.trim();
    try {
      const [groups] = await Promise.all([loadEmojiGroups(), this.#load()]);
      const list = Object.values(groups).flat();
      const found = words ? searchEmoji(list, words, recentEmoji()) : list;
      if (words) this.#grid.showFound(found, skinTone());
      else this.#grid.showAll(groups, skinTone());
      this.querySelector(".picker-tones").hidden = !found.some(([, tones]) => tones.length);
      this.#tint(list);
      status.textContent = words ? t("{count} found", { count: found.length }) : "";
    } catch (error) {
      console.warn(error.message);
      status.textContent = t("The list of emoji could not be loaded.");
      this.#grid?.showProblem(status.textContent);
    }
  }

  async #load() {
    this.#loading ??= fromDemand("emoji:grid", { picker: this.#picker });
    try {
      this.#grid = await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }

  // Shows the frequent emoji, which are on the page already, in the chosen skin tone.
  #tint(list) {
    for (const button of this.querySelectorAll(".picker-frequent .picker-emoji")) {
      const item = list.find(([emoji]) => emoji === button.dataset.emoji);
      if (item) [button.value] = [button.textContent] = inTone(item, skinTone());
      button.setAttribute("aria-label", this.#use.labelOf(button.value));
    }
  }

  #chooseTone(tone) {
    chooseSkinTone(tone);
    this.#show();
  }

  #choose(emoji) {
    this.#picker.hidePopover();
    rememberEmoji(emoji);
    this.#use.choose(emoji);
  }

  // The result may be still under way.
  async #chooseFirst(event) {
    event.preventDefault(); // the focus goes to the text, where Enter would break the line
    if (!this.#search.value.trim()) return;
    await this.#show();
    const first = this.#grid?.first;
    if (first && this.#picker.matches(":popover-open")) this.#choose(first.value);
  }

  // Letters go to the search, and Enter in it takes the first result. Arrow keys move from emoji to
  // emoji; only ArrowDown leaves the search.
  #moveFocus(event) {
    if (event.target.type === "radio") return; // the browser's own arrow keys choose the tone
    const isSearch = event.target === this.#search;
    if (!isSearch && /^[^\s]$/u.test(event.key) && !event.ctrlKey && !event.metaKey)
      return this.#search.focus(); // the key goes there
    if (isSearch && event.key === "Enter") return this.#chooseFirst(event);
    if (isSearch && event.key !== "ArrowDown") return;
    const next = isSearch ? this.#grid?.first : this.#neighbour(event);
    if (next === undefined) return;
    event.preventDefault();
    next?.focus();
  }

  #neighbour({ target, key }) {
    return target.matches(".picker-emoji") ? this.#grid?.next(target, key) : undefined;
  }
}
