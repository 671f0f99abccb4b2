// The pages that this device keeps, as responses: what the service worker needs of them, and pages do not.

import { ABSENT, CACHE, DeviceCopies, FILES, FRAME, OWNER, marked } from "./device_copies.js";

const LISTS = ["/", "/rooms"]; // addresses of the list of rooms
const LIST_PLACE = "app app-rooms";

export class OfflinePages extends DeviceCopies {
  #storage;

  constructor(storage = globalThis.caches, now = Date.now) {
    super(storage, now);
    this.#storage = storage;
  }

  // Resolves to the response that shows the kept page of this path, or to null.
  async show(path) {
    const isList = LISTS.includes(path);
    const text = await this.find(isList ? "/rooms" : path);
    return text && this.#inFrame(text, isList);
  }

  // Likewise to one that says, beside the rooms, that the page is not here.
  async showAbsent(path) {
    const absent = await this.match(ABSENT);
    return absent ? this.#inFrame(marked(await absent.text()), LISTS.includes(path)) : null;
  }

  async #inFrame(text, isList) {
    const frame = await this.match(FRAME);
    if (!frame) return null;
    const { headers } = frame;
    return new Response(composed(await frame.text(), text, isList), { headers });
  }

  // Resolves to a file that kept pages need, or to undefined.
  async findFile(request) {
    return (await this.#storage.open(FILES)).match(request);
  }

  // Deletes what earlier forms of these files kept. `others`: names of what other files keep.
  async forgetEarlierForms(others = []) {
    const present = [CACHE, FILES, ...others];
    const names = await this.#storage.keys();
    const earlier = names.filter((name) => !present.includes(name) && /^chat-/.test(name));
    await Promise.all(earlier.map((name) => this.#storage.delete(name)));
  }

  // Resolves to the id of the person whose pages are kept, or to null.
  async ownerId() {
    return (await (await this.match(OWNER))?.json())?.me ?? null;
  }
}

function composed(frame, text, isList) {
  const title = text.match(/<title>[^<]*<\/title>/)?.[0] ?? "";
  const main = text.slice(text.indexOf("<main"));
  const place = isList ? LIST_PLACE : (main.match(/data-place="([^"]*)"/)?.[1] ?? "app");
  return frame
    .replace(/<body class="[^"]*"/, () => `<body class="${place}"`)
    .replace("<title></title>", () => title)
    .replace("<!--main-->", () => main);
}
