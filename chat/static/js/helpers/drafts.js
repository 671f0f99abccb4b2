// What somebody began to write, by room: on this device, for them alone, until it is sent or they sign out.

const PREFIX = "chat.draft";

export class Draft {
  #key;

  constructor(me, roomId) {
    this.#key = `${PREFIX}.${me}.${roomId}`;
  }

  get text() {
    return localStorage.getItem(this.#key) ?? "";
  }

  keep(text) {
    if (text) localStorage.setItem(this.#key, text);
    else localStorage.removeItem(this.#key);
  }

  // What was sent is no draft any more; what another tab began meanwhile is.
  replace(sent, text) {
    if (this.text.trimEnd() === sent) this.keep(text);
  }
}

export function forgetDrafts(me) {
  for (const key of Object.keys(localStorage))
    if (key.startsWith(`${PREFIX}.${me}.`)) localStorage.removeItem(key);
}
