// What people are called and look like. Whoever is not known yet is asked for, once.

import { getJson } from "../helpers/api.js";

const LOOKS = ["display_name", "shows_username", "avatar_url"];

// Events: "change" (detail: the person), when somebody has another name or picture than before.
export class People extends EventTarget {
  #people = new Map(); // id -> what the server tells of a person, or the promise of it
  #ask;

  // ask(id) -> {id, username, display_name, shows_username, avatar_url}
  constructor(ask) {
    super();
    this.#ask = ask;
  }

  // What the server tells now. What it told before and is shown again is no news: see `current`.
  know(person) {
    const before = this.#people.get(person.id);
    this.#people.set(person.id, person);
    const hasChanged = LOOKS.some((name) => before?.id && before[name] !== person[name]);
    if (hasChanged) this.dispatchEvent(new CustomEvent("change", { detail: person }));
  }

  // Somebody as they are known by now, whatever they were called when `person` was told.
  current(person) {
    const known = this.#people.get(person.id);
    return known?.id ? known : person;
  }

  // Called "Someone", where nobody can be asked now.
  async find(id) {
    if (!this.#people.has(id)) this.#people.set(id, this.#askFor(id));
    return this.#people.get(id);
  }

  async name(id) {
    return labelOf(await this.find(id));
  }

  // `Ada, Bob and 3 others`, `most` names of them
  async list(ids, most) {
    const names = await Promise.all(ids.slice(0, most).map((id) => this.name(id)));
    const rest = ids.length - names.length;
    if (rest) return `${names.join(", ")} and ${rest} ${rest === 1 ? "other" : "others"}`;
    return joined(names);
  }

  async #askFor(id) {
    try {
      return await this.#ask(id);
    } catch {
      this.#people.delete(id); // asked again when it is needed again
      return { id, display_name: "Someone", avatar_url: null };
    }
  }
}

// What to call somebody where there is room for a text alone; routes/pages has the same.
export function labelOf({ username, display_name: name, shows_username: showsUsername }) {
  return showsUsername ? `${name} @${username}` : name;
}

// `Ada, Bob and Carol`
export function joined(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

export const people = new People((id) => getJson(`/users/${id}`));
