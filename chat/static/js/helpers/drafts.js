// Drafts of one person by room, and of their edits by message, on this device: until they are sent, or
// the person signs out. A tab whose session ends meanwhile keeps what was written in it, for the same
// person alone.

const PREFIX = "chat.draft";
const shown = new Map(); // key -> the draft as this tab shows it

// Dispatches "draft" on the document with each change. Its detail is the id.
export class Draft {
  #id;
  #key;

  // `id`: of a room or a message.
  constructor(me, id) {
    this.#id = id;
    this.#key = keyOf(me, id);
  }

  get text() {
    const text = localStorage.getItem(this.#key) ?? "";
    if (text) shown.set(this.#key, text);
    return text;
  }

  keep(text) {
    if (text) localStorage.setItem(this.#key, text);
    else localStorage.removeItem(this.#key);
    if (text) shown.set(this.#key, text);
    else shown.delete(this.#key);
    document.dispatchEvent(new CustomEvent("draft", { detail: this.#id }));
  }

  // A sent text is no draft any more; the draft of another tab stays.
  replace(sent, text) {
    if (this.text.trimEnd() === sent) this.keep(text);
  }
}

export function hasDraft(me, id) {
  return Boolean(localStorage.getItem(keyOf(me, id))?.trim());
}

// Returns the ids of the rooms and messages with drafts.
export function draftsOf(me) {
  const begin = keyOf(me, "");
  const ids = Object.keys(localStorage)
    .filter((key) => key.startsWith(begin))
    .map((key) => key.slice(begin.length));
  return ids.filter((id) => hasDraft(me, id));
}

export function forgetDrafts(me) {
  shown.clear();
  for (const key of Object.keys(localStorage))
    if (key.startsWith(keyOf(me, ""))) localStorage.removeItem(key);
}

// The session has ended, perhaps in another tab, which has removed all drafts. Returns whether there
// are any in this tab.
export function keepDraftsInTab() {
  for (const [key, text] of shown)
    if (localStorage.getItem(key) === null) sessionStorage.setItem(key, text);
  return shown.size > 0;
}

// Somebody is signed in: takes back what this tab kept for them, and removes what it kept for others.
export function takeBackDrafts(me) {
  for (const key of Object.keys(sessionStorage)) {
    if (!key.startsWith(`${PREFIX}.`)) continue;
    const isMine = key.startsWith(`${PREFIX}.${me}.`);
    if (isMine && localStorage.getItem(key) === null)
      localStorage.setItem(key, sessionStorage.getItem(key));
    sessionStorage.removeItem(key);
  }
}

function keyOf(me, id) {
  return `${PREFIX}.${me}.${id}`;
}
