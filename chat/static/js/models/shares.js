// What other apps shared with the chat on this device, until somebody chooses a room for it: in a cache
// of the browser, for an hour. The service worker puts it there, and the page /share takes it. Only
// whoever has its address finds it, and of two people only the one whose pages the device kept.

import { joinedText } from "./shared_text.js";

export const SHARES = "chat-shares-1"; // another number for another form: the worker deletes older ones
const LASTS = 3_600_000; // ms
const INDEX = /^\/shares\/[0-9a-f]{32}$/;

export class Shares {
  #storage;
  #now;

  constructor(storage = globalThis.caches, now = Date.now) {
    this.#storage = storage;
    this.#now = now;
  }

  // Keeps what the form of a share has. `me`: the id of its person, or null where nobody is known.
  // Resolves to the id of the share. Rejects where the device has no space.
  async keep(form, me) {
    const cache = await this.#storage.open(SHARES);
    const address = `/shares/${newId()}`;
    const files = form.getAll("files").filter((file) => file instanceof Blob && file.size);
    for (const [i, file] of files.entries()) await cache.put(`${address}/${i}`, new Response(file));
    const [title, text, url] = ["title", "text", "url"].map((name) => textOf(form.get(name)));
    const index = {
      me,
      keptAt: this.#now(),
      text: joinedText(title, text, url),
      files: files.map(({ name, type }) => ({ name, type })),
    };
    await cache.put(address, new Response(JSON.stringify(index)));
    return address.split("/").at(-1);
  }

  // Resolves to {text, files}, or to null: it is over, or of somebody else.
  async find(id, me) {
    const cache = await this.#open();
    const index = await indexIn(cache, `/shares/${id}`);
    if (!index || this.#isOver(index) || (index.me ?? me) !== me) return null;
    const files = index.files.map(async ({ name, type }, i) => {
      const kept = await cache.match(`/shares/${id}/${i}`);
      return new File([await kept.blob()], name, { type });
    });
    return { text: index.text, files: await Promise.all(files) };
  }

  async forget(id) {
    await forgetIn(await this.#open(), `/shares/${id}`);
  }

  // Forgets what nobody came for.
  async forgetOld() {
    const cache = await this.#open();
    const paths = ((await cache?.keys()) ?? []).map(({ url }) => new URL(url).pathname);
    for (const path of paths.filter((each) => INDEX.test(each)))
      if (this.#isOver(await indexIn(cache, path))) await forgetIn(cache, path);
  }

  clear() {
    return this.#storage.delete(SHARES);
  }

  #isOver({ keptAt }) {
    return keptAt < this.#now() - LASTS;
  }

  // Opening would make it.
  async #open() {
    return (await this.#storage.has(SHARES)) ? this.#storage.open(SHARES) : null;
  }
}

async function indexIn(cache, address) {
  return (await cache?.match(address))?.json();
}

async function forgetIn(cache, address) {
  const index = await indexIn(cache, address);
  if (!index) return;
  await Promise.all(index.files.map((_, i) => cache.delete(`${address}/${i}`)));
  await cache.delete(address);
}

function textOf(value) {
  return typeof value === "string" ? value : "";
}

function newId() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
