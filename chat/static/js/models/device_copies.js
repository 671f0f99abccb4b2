// The pages that this device keeps, to show them offline: the frame of the app, and the rooms that were
// read last, each with what happened there since. All are of one person and one version of the chat.
// Pages write them, and the service worker shows them (offline_pages.js).

export const CACHE = "chat-pages-1"; // another form has another number: the worker deletes older ones
export const FILES = "chat-files-1"; // the files that these pages need
export const OWNER = "/kept/owner";
export const FRAME = "/kept/frame";
export const ABSENT = "/kept/absent"; // what stands for a page that is not kept
const ENTRIES = "/kept/entries/";
const KEPT = /^\/rooms(\/[0-9a-f]{24})?$/;
const ROOM = /^\/rooms\/[0-9a-f]{24}$/;
const MOST_ROOMS = 10;
const MOST_ENTRIES = 200; // of a room, since its page was fetched
const LONGEST = 1_000_000; // characters of a page
const LASTS = 30 * 24 * 3_600_000; // ms; a session lasts as long
const KEPT_AT = "X-Kept-At";
const HEAD_SEQ = "X-Head-Seq";

export class DeviceCopies {
  #storage;
  #now;
  #owner = null; // {me, version} of this page; null: it keeps nothing
  #last = Promise.resolve(); // writes go one after the other

  constructor(storage = globalThis.caches, now = Date.now) {
    this.#storage = storage;
    this.#now = now;
  }

  // Begins to keep pages of this owner, and forgets those of anybody else and of another version.
  // `frame`: a document with `<!--main-->` and an empty title; `absent`: a title and a main part.
  begin({ me, version, frame, absent, policy, files }) {
    this.#owner = { me, version };
    return this.#write(async () => {
      if (!(await this.#isOwner())) await this.#delete();
      const cache = await this.#storage.open(CACHE);
      await cache.put(OWNER, new Response(JSON.stringify(this.#owner)));
      await cache.put(FRAME, page(frame, { "Content-Security-Policy": policy }));
      await cache.put(ABSENT, page(absent));
      await this.#keepFiles(files);
    });
  }

  // Goes on with the pages of this owner, on a page that is a kept one.
  continue({ me, version }) {
    this.#owner = { me, version };
  }

  // Keeps a page's title and main part, if its address is one that is kept. `headSeq`: how much of the
  // room's log it contains.
  keep(address, text, headSeq) {
    return this.#writeOwn(async (cache) => {
      if (!KEPT.test(address) || text.length > LONGEST) return;
      const headers = { [KEPT_AT]: String(this.#now()), [HEAD_SEQ]: String(headSeq) };
      await cache.delete(address); // so that it is the last one in the order of keys
      await cache.put(address, page(text, headers));
      await cache.delete(ENTRIES + address);
      const rooms = await roomsIn(cache);
      for (const each of rooms.slice(0, -MOST_ROOMS)) await forget(cache, each);
    });
  }

  // Adds what happened in a room to its page. Resolves to whether that page has to be fetched again,
  // because it lacks too much.
  addEntries(roomId, entries) {
    const address = `/rooms/${roomId}`;
    return this.#writeOwn(async (cache) => {
      if (!(await cache.match(address))) return false;
      let head = await headIn(cache, address);
      const all = await entriesIn(cache, address);
      for (const entry of entries)
        if (entry.seq === head + 1) {
          all.push(entry);
          head++;
        }
      await cache.put(ENTRIES + address, new Response(JSON.stringify(all.slice(0, MOST_ENTRIES))));
      return all.length >= MOST_ENTRIES;
    });
  }

  // Forgets a room, so that nothing of it is on this device.
  forgetRoom(roomId) {
    return this.#writeOwn((cache) => forget(cache, `/rooms/${roomId}`));
  }

  // Resolves to the kept rooms: by their id, up to which seq of its log each is known.
  async heads() {
    await this.#last;
    const cache = await this.#open();
    const heads = new Map();
    for (const address of cache ? await roomsIn(cache) : [])
      heads.set(address.split("/").at(-1), await headIn(cache, address));
    return heads;
  }

  // Forgets everything. This page keeps nothing from now on.
  clear() {
    this.#owner = null;
    return this.#write(() => this.#delete());
  }

  // Resolves to the entries that belong after a kept page.
  async entriesOf(roomId) {
    const cache = await this.#open();
    return cache ? entriesIn(cache, `/rooms/${roomId}`) : [];
  }

  // Resolves to the title and main part of a kept page, or to null.
  async find(address) {
    const kept = await this.match(address);
    if (!kept || Number(kept.headers.get(KEPT_AT)) < this.#now() - LASTS) return null;
    return marked(await kept.text());
  }

  // Resolves to what is kept under an address of whatever kind, or to undefined.
  async match(address) {
    return (await this.#open())?.match(address);
  }

  async #keepFiles(files) {
    const cache = await this.#storage.open(FILES);
    const wanted = new Set(files);
    const version = files[0]?.match(/^.*\/static\/[^/]*\//)?.[0];
    for (const { url } of await cache.keys())
      if (!wanted.delete(url) && !url.startsWith(version)) await cache.delete(url);
    await cache.addAll([...wanted]); // the browser has them: they are stored for a year
  }

  async #delete() {
    await this.#storage.delete(CACHE);
  }

  async #isOwner() {
    const kept = await (await this.match(OWNER))?.json();
    return kept?.me === this.#owner?.me && kept?.version === this.#owner?.version;
  }

  // Opening would make it again after it was deleted. Browsers may forbid all of this.
  async #open() {
    const isThere = await this.#storage.has(CACHE).catch(() => false);
    return isThere ? this.#storage.open(CACHE) : null;
  }

  #writeOwn(action) {
    return this.#write(async () => {
      if (this.#owner && (await this.#isOwner())) return action(await this.#open());
    });
  }

  // A device without space keeps no pages; the chat works without them.
  #write(action) {
    this.#last = this.#last.then(action).catch((error) => console.warn(error.message));
    return this.#last;
  }
}

async function roomsIn(cache) {
  const paths = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  return paths.filter((path) => ROOM.test(path));
}

async function entriesIn(cache, address) {
  return (await (await cache.match(ENTRIES + address))?.json()) ?? [];
}

async function headIn(cache, address) {
  const last = (await entriesIn(cache, address)).at(-1);
  return last?.seq ?? Number((await cache.match(address))?.headers.get(HEAD_SEQ));
}

async function forget(cache, address) {
  await cache.delete(address);
  await cache.delete(ENTRIES + address);
}

function page(text, headers = {}) {
  return new Response(text, {
    headers: { "Content-Type": "text/html; charset=utf-8", ...headers },
  });
}

// Its scripts recognize a kept page by `data-kept`.
export function marked(text) {
  return text.replace(/<main\b/, "<main data-kept");
}
