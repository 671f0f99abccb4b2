// Requests pages, some before the person has decided to go there. A page that was requested a moment
// ago is not requested again.

const CURRENT_FOR = 10_000; // ms; a room fetches what was posted since

export class PageRequests {
  #requested = new Map(); // address -> {at, page: the promise of it}
  #request;
  #now;

  // request(address, {isAhead}) -> a promise of the page; now() -> ms
  constructor(request, now = () => performance.now()) {
    this.#request = request;
    this.#now = now;
  }

  // A page that cannot be fetched ahead is fetched when the person goes there.
  ahead(address) {
    if (this.#current(address)) return;
    const page = this.#request(address, { isAhead: true });
    this.#requested.set(address, { at: this.#now(), page });
    page.catch(() => this.#requested.delete(address));
  }

  // Resolves to the page. Each page fetched ahead is used once.
  get(address) {
    const ahead = this.#current(address);
    this.#requested.delete(address);
    return ahead?.page ?? this.#request(address, { isAhead: false });
  }

  #current(address) {
    for (const [each, { at }] of this.#requested)
      if (this.#now() - at > CURRENT_FOR) this.#requested.delete(each);
    return this.#requested.get(address);
  }
}
