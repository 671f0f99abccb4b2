// How far others in a room have read. It never goes back.

// Events: "change".
export class Receipts extends EventTarget {
  #seqs = new Map(); // person -> seq up to which they have read

  // Replaces all: people who are missing do not share receipts any more.
  replace(receipts) {
    this.#seqs = new Map(
      receipts.map(({ user_id: id, seq }) => [id, Math.max(seq, this.#seqs.get(id) ?? 0)]),
    );
    this.#emit();
  }

  advance(id, seq) {
    if (seq <= (this.#seqs.get(id) ?? 0)) return;
    this.#seqs.set(id, seq);
    this.#emit();
  }

  // An author has read the messages before. This does not make anybody share receipts who does not.
  wrote(id, seq) {
    if (this.#seqs.has(id)) this.advance(id, seq);
  }

  forget(id) {
    if (this.#seqs.delete(id)) this.#emit();
  }

  // Returns the people to show below each message: seq -> ids. `messages` ({seq, authorId}) end at
  // `untilSeq`; people who have read further are not shown, nor is an author below their own message.
  under(messages, untilSeq = Infinity) {
    const found = new Map();
    for (const [id, seq] of this.#seqs) {
      const last = seq <= untilSeq && messages.findLast((message) => message.seq <= seq);
      if (last && last.authorId !== id) found.set(last.seq, [...(found.get(last.seq) ?? []), id]);
    }
    return found;
  }

  #emit() {
    this.dispatchEvent(new Event("change"));
  }
}
