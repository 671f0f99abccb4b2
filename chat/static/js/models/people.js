// Names and pictures of people. A person who is not known yet is fetched once.

import { getJson } from "../helpers/api.js";
import { plural, t } from "./translation.js";

const LOOKS = ["username", "display_name", "shows_username", "avatar_url", "status"];

// Events: "change" (detail: the person), when somebody has a new name, picture or status.
export class People extends EventTarget {
  #people = new Map(); // id -> the server's record of a person, or the promise of it
  #ask;

  // ask(id) -> {id, username, display_name, shows_username, avatar_url, status}
  constructor(ask) {
    super();
    this.#ask = ask;
  }

  // Stores a record that the server sends now. For an older record see `current`.
  store(person) {
    const before = this.#people.get(person.id);
    this.#people.set(person.id, person);
    if (before?.id && looksOf(before) !== looksOf(person))
      this.dispatchEvent(new CustomEvent("change", { detail: person }));
  }

  // Stores what the server says changed just now. The page may show an older record of its own.
  update(person) {
    this.#people.set(person.id, person);
    this.dispatchEvent(new CustomEvent("change", { detail: person }));
  }

  // Returns the newest record of a person, or undefined.
  known(id) {
    const known = this.#people.get(id);
    return known?.id ? known : undefined;
  }

  // Returns the newest record of a person; `person` may be an older one.
  current(person) {
    return this.known(person.id) ?? person;
  }

  // Called "Someone" where the record cannot be fetched now.
  async find(id) {
    if (!this.#people.has(id)) this.#people.set(id, this.#askFor(id));
    return this.#people.get(id);
  }

  async name(id) {
    return labelOf(await this.find(id));
  }

  // Resolves to `Ada, Bob and 3 others`, with at most `most` names.
  async list(ids, most) {
    const names = await Promise.all(ids.slice(0, most).map((id) => this.name(id)));
    const rest = ids.length - names.length;
    if (!rest) return joined(names);
    const known = { names: names.join(", ") };
    return plural("{names} and {count} other", "{names} and {count} others", rest, known);
  }

  async #askFor(id) {
    try {
      const person = await this.#ask(id);
      if (!this.known(id)) this.store(person); // the server may have sent a newer one meanwhile
      return this.known(id);
    } catch {
      this.#people.delete(id); // fetched again when it is needed again
      return { id, display_name: t("Someone"), avatar_url: null };
    }
  }
}

// Returns what a person is called; `called` in routes/pages/filters.py does the same.
export function nameOf({ display_name: name, erased }) {
  return erased ? t("Former member") : name;
}

function looksOf(person) {
  return JSON.stringify(LOOKS.map((name) => person[name]));
}

// Returns the name of a person where only a text fits; `label` in routes/pages/filters.py does the same.
export function labelOf(person) {
  const { username, shows_username: showsUsername } = person;
  return showsUsername ? `${nameOf(person)} @${username}` : nameOf(person);
}

// Returns `@ada · Harbour pilot`, in a list that finds people by their titles, too.
export function usernameAndTitle({ username, title }) {
  return [`@${username}`, title].filter(Boolean).join(" · ");
}

// `Ada, Bob and Carol`
export function joined(names) {
  if (names.length < 2) return names.join("");
  return t("{names} and {last}", { names: names.slice(0, -1).join(", "), last: names.at(-1) });
}

export const people = new People((id) => getJson(`/users/${id}`));
