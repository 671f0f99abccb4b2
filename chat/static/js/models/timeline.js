// A room's messages as this page knows them: in the order of `seq`, each once, and what is still on its way.
//
// It takes an entry as often as it comes. An entry beyond the next one shows a gap: then it asks for what is missing.

export class Timeline extends EventTarget {
  #messages = new Map(); // id -> message
  #pending = new Map();  // client_id -> {client_id, body, state: "sending" | "failed", problem}
  #lastSeq;
  #askFor;
  #asking = null;

  // askFor(after) -> {entries, head_seq, has_more}
  constructor({ lastSeq, askFor }) {
    super();
    this.#lastSeq = lastSeq;
    this.#askFor = askFor;
  }

  get lastSeq() {
    return this.#lastSeq;
  }

  get pending() {
    return [...this.#pending.values()];
  }

  has(id) {
    return this.#messages.has(id);
  }

  // Messages that the page was made with.
  know(messages) {
    for (const message of messages) this.#messages.set(message.id, message);
  }

  // A live entry. Beyond a gap it is not taken, but found again by asking.
  take(entry) {
    if (entry.seq === this.#lastSeq + 1) this.#apply(entry);
    else if (entry.seq > this.#lastSeq) this.reach(entry.seq);
  }

  // Asks until everything up to the head is here. A head before what is here means a restored backup: begin anew.
  async reach(headSeq) {
    if (headSeq < this.#lastSeq) return this.#tell("restart");
    if (headSeq === this.#lastSeq) return;
    this.#asking ??= this.#catchUp().finally(() => (this.#asking = null));
    await this.#asking;
  }

  expect(message) {
    this.#pending.set(message.client_id, { ...message, state: "sending" });
    this.#tell("pending", this.#pending.get(message.client_id));
  }

  // The acknowledged message takes the place of the pending one; its entry may have come before or may come yet.
  acknowledge(message) {
    this.#pending.delete(message.client_id);
    if (!this.#messages.has(message.id)) this.#tell("acknowledged", message);
  }

  fail(clientId, problem) {
    this.#setState(clientId, "failed", problem);
  }

  // Gives a failed message up; what it said.
  discard(clientId) {
    const pending = this.#pending.get(clientId);
    this.#pending.delete(clientId);
    this.#tell("discarded", pending);
    return pending;
  }

  retry(clientId) {
    this.#setState(clientId, "sending");
  }

  #setState(clientId, state, problem = "") {
    const pending = this.#pending.get(clientId);
    if (!pending) return;
    Object.assign(pending, { state, problem });
    this.#tell("pending", pending);
  }

  async #catchUp() {
    for (let more = true; more;) {
      const { entries, has_more: hasMore } = await this.#askFor(this.#lastSeq);
      for (const entry of entries) if (entry.seq === this.#lastSeq + 1) this.#apply(entry);
      more = hasMore && entries.length > 0;
    }
  }

  #apply(entry) {
    this.#lastSeq = entry.seq;
    const { message } = entry;
    const known = this.#messages.get(message.id);
    if (known && known.version >= message.version) return;
    this.#messages.set(message.id, message);
    this.#pending.delete(message.client_id);
    this.#tell("message", message);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
