// The pages that were left last, so that going back to one shows it at once, as it was left.

export class KeptPages {
  #pages = new Map(); // address -> page, the one that was left last at the end
  #most;

  constructor(most) {
    this.#most = most;
  }

  keep(address, page) {
    this.#pages.delete(address);
    this.#pages.set(address, page);
    if (this.#pages.size > this.#most) this.#pages.delete(this.#pages.keys().next().value);
  }

  // Drops the pages for which isGone(page) holds.
  drop(isGone) {
    for (const [address, page] of this.#pages) if (isGone(page)) this.#pages.delete(address);
  }

  // Returns the page and gives it away; undefined where there is none.
  take(address) {
    const page = this.#pages.get(address);
    this.#pages.delete(address);
    return page;
  }
}
