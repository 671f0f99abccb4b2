// A form of settings. A switch or a choice is saved at once; texts are saved together, when the
// person presses the button. It says quietly what became of it.

import { connection } from "../models/connection.js";
import { sendJson } from "../helpers/api.js";
import { LiveElement } from "../helpers/live_element.js";
import { showPreferences } from "../helpers/preferences.js";
import { t } from "../models/translation.js";

const PREFERENCES = "/me/preferences";
const SHOWN_FOR = 4_000; // ms for which "Saved" stays
const AT_ONCE = "select, [type=checkbox], [type=radio]";

export class SettingForm extends LiveElement {
  #saved = new Map(); // name -> the value that the server has
  #saving = Promise.resolve(); // changes go one after the other
  #fading;

  prepare() {
    for (const control of this.#controls) this.#saved.set(control.name, this.#given(control.name));
    this.addEventListener("change", (event) => this.#saveOne(event));
    this.addEventListener("submit", (event) => this.#saveTexts(event));
  }

  enter() {
    const { path } = this.dataset;
    for (const name of path === PREFERENCES ? ["hello", "preferences:updated"] : [])
      this.listen(connection, name, ({ preferences }) => this.#show(preferences));
    this.listen(connection, "room:updated", ({ room: { id, notifications: level } }) => {
      if (path === `/rooms/${id}/notifications`) this.#show({ level });
    });
  }

  #saveOne({ target }) {
    if (!target.matches(AT_ONCE)) return;
    const { name } = target;
    this.#save({ [name]: this.#value(name) });
  }

  #saveTexts(event) {
    event.preventDefault();
    const texts = this.#controls.filter((control) => !control.matches(AT_ONCE));
    this.#save(Object.fromEntries(texts.map(({ name, value }) => [name, value])));
  }

  #save(changes) {
    this.#saving = this.#saving.then(() => this.#send(changes));
  }

  // What was refused goes back to what the server has, except texts: nobody types them twice.
  async #send(changes) {
    const { method, path } = this.dataset;
    try {
      const answer = await sendJson(method, path, changes);
      Object.entries(changes).forEach(([name, value]) => this.#saved.set(name, value));
      if ("language" in changes) return location.reload(); // every sentence of the page changes
      if (path === PREFERENCES) showPreferences(answer);
      this.#say(t("Saved"));
    } catch (error) {
      for (const name of Object.keys(changes)) this.#restore(name);
      this.#say(error.message, true);
    }
  }

  #restore(name) {
    if (this.#of(name)[0].matches(AT_ONCE)) this.#fill(name, this.#saved.get(name));
  }

  // Another tab or device changed something.
  #show(values) {
    for (const name of this.#saved.keys()) {
      this.#saved.set(name, values[name]);
      this.#fill(name, values[name]);
    }
  }

  #say(text, isProblem = false) {
    const status = this.querySelector(".setting-status");
    status.classList.toggle("setting-problem", isProblem);
    status.textContent = text;
    clearTimeout(this.#fading);
    if (!isProblem) this.#fading = setTimeout(() => (status.textContent = ""), SHOWN_FOR);
  }

  get #controls() {
    return [...this.querySelector("form").elements].filter(
      ({ name, type }) => name && type !== "hidden",
    );
  }

  #of(name) {
    return this.#controls.filter((control) => control.name === name);
  }

  #value(name) {
    const [first, ...others] = this.#of(name);
    if (first.type === "checkbox") return first.checked;
    if (first.type === "radio") return [first, ...others].find(({ checked }) => checked)?.value;
    return first.value;
  }

  // What the page came with: somebody may have changed it before this element was defined.
  #given(name) {
    const [first, ...others] = this.#of(name);
    if (first.type === "checkbox") return first.defaultChecked;
    if (first.type === "radio")
      return [first, ...others].find(({ defaultChecked }) => defaultChecked)?.value;
    if (first.options)
      return (
        [...first.options].find(({ defaultSelected }) => defaultSelected)?.value ?? first.value
      );
    return first.defaultValue;
  }

  #fill(name, value) {
    for (const control of this.#of(name)) {
      if (control.type === "checkbox") control.checked = value;
      else if (control.type === "radio") control.checked = control.value === value;
      else control.value = value;
    }
  }
}
