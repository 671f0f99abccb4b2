// Drafts of one person by room, and of their edits by message, on this device: until they are sent, or
// the person signs out.

const PREFIX = "chat.draft";

export class Draft {
  #key;

  // `id`: of a room or a message.
  constructor(me, id) {
    this.#key = `${PREFIX}.${me}.${id}`;
  }

  get text() {
    return localStorage.getItem(this.#key) ?? "";
  }

  keep(text) {
    if (text) localStorage.setItem(this.#key, text);
    else localStorage.removeItem(this.#key);
  }

  // A sent text is no draft any more; the draft of another tab stays.
  replace(sent, text) {
    if (this.text.trimEnd() === sent) this.keep(text);
  }
}

export function forgetDrafts(me) {
  for (const key of Object.keys(localStorage))
    if (key.startsWith(`${PREFIX}.${me}.`)) localStorage.removeItem(key);
}
