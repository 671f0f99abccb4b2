// The Cache Storage of a browser, as far as the copies use it.
class FakeCache {
  #kept = new Map();
  #key = (request) => new URL(request.url ?? request, "https://chat.example").href;
  async put(key, response) {
    this.#kept.set(this.#key(key), response);
  }
  async match(key) {
    return this.#kept.get(this.#key(key))?.clone();
  }
  async delete(key) {
    return this.#kept.delete(this.#key(key));
  }
  async keys() {
    return [...this.#kept.keys()].map((url) => ({ url }));
  }
  async addAll(urls) {
    for (const url of urls) await this.put(url, new Response(url));
  }
}

export class FakeStorage {
  caches = new Map();
  async has(name) {
    return this.caches.has(name);
  }
  async open(name) {
    if (!this.caches.has(name)) this.caches.set(name, new FakeCache());
    return this.caches.get(name);
  }
  async delete(name) {
    return this.caches.delete(name);
  }
  async keys() {
    return [...this.caches.keys()];
  }
}
