// What people are called. Whoever is not known yet is asked for, once.

import { getJson } from "../helpers/api.js";

const MOST_NAMES = 20; // of the people behind a reaction, as routes/pages has it

export class People {
  #names = new Map(); // id -> name, or the promise of it
  #ask;

  // ask(id) -> {display_name}
  constructor(ask) {
    this.#ask = ask;
  }

  know({ id, display_name: name }) {
    this.#names.set(id, name);
  }

  // "Somebody", where nobody can be asked now.
  async name(id) {
    if (!this.#names.has(id)) this.#names.set(id, this.#askFor(id));
    return this.#names.get(id);
  }

  // `Ada, Bob and 3 others`
  async list(ids) {
    const names = await Promise.all(ids.slice(0, MOST_NAMES).map((id) => this.name(id)));
    const rest = ids.length - names.length;
    if (rest) return `${names.join(", ")} and ${rest} ${rest === 1 ? "other" : "others"}`;
    return joined(names);
  }

  async #askFor(id) {
    try {
      return (await this.#ask(id)).display_name;
    } catch {
      this.#names.delete(id); // asked again when it is needed again
      return "Somebody";
    }
  }
}

// `Ada, Bob and Carol`
export function joined(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

export const people = new People((id) => getJson(`/users/${id}`));
