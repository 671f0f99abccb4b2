/** What a bot remembers between two starts, in a file of Node.js. */

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/** A file, which is replaced as a whole: a kill leaves the old one or the new one. */
export class FileMemory {
  #path;

  constructor(path) {
    this.#path = path;
  }

  /** Return what was saved last; null before the first time. */
  load() {
    return existsSync(this.#path) ? JSON.parse(readFileSync(this.#path, "utf8")) : null;
  }

  save(seqs) {
    writeFileSync(`${this.#path}.new`, JSON.stringify(seqs));
    renameSync(`${this.#path}.new`, this.#path);
  }
}
