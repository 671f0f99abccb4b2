// How far the others in a room have read, as they show it. It never goes back: what was seen was seen.

// Events: "change".
export class Receipts extends EventTarget {
  #seqs = new Map(); // person -> seq up to which they have read

  // All that the server tells: whoever is not among them does not show it any more.
  know(receipts) {
    this.#seqs = new Map(
      receipts.map(({ user_id: id, seq }) => [id, Math.max(seq, this.#seqs.get(id) ?? 0)]),
    );
    this.#tell();
  }

  hear(id, seq) {
    if (seq <= (this.#seqs.get(id) ?? 0)) return;
    this.#seqs.set(id, seq);
    this.#tell();
  }

  // Who writes has read what came before. Whoever shows nothing does not begin to by that.
  wrote(id, seq) {
    if (this.#seqs.has(id)) this.hear(id, seq);
  }

  forget(id) {
    if (this.#seqs.delete(id)) this.#tell();
  }

  // The people to be shown under each message: seq -> ids. `messages` ({seq, authorId}) go up to `untilSeq`: who has read
  // further than what is here is not shown. Nor is anybody under their own words: that they know them says nothing.
  under(messages, untilSeq = Infinity) {
    const found = new Map();
    for (const [id, seq] of this.#seqs) {
      const last = seq <= untilSeq && messages.findLast((message) => message.seq <= seq);
      if (last && last.authorId !== id) found.set(last.seq, [...(found.get(last.seq) ?? []), id]);
    }
    return found;
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
