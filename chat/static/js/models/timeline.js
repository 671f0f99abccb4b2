// A room's messages as this page knows them: in the order of `seq`, each once, as new as they are known.
//
// It takes an entry as often as it comes, whatever happened to the message. An entry beyond the next one shows a gap:
// then it asks for what is missing. What is older than `firstSeq`, or on a page of the past newer than `untilSeq`, has not
// been fetched, and is not shown.

// Events: "message" (detail: a message that is new or changed), "restart" (the server went back behind what is here).
export class Timeline extends EventTarget {
  #messages = new Map(); // id -> message, also of changes to messages that are not fetched yet
  #early = new Map(); // seq -> entry that came beyond a gap
  #firstSeq;
  #untilSeq;
  #lastSeq;
  #wantedSeq;
  #askFor;
  #asking = null;

  // askFor(after) -> {entries, head_seq}; it rejects when asking again would not help.
  constructor({ firstSeq, untilSeq = Infinity, lastSeq, askFor }) {
    super();
    this.#firstSeq = firstSeq;
    this.#untilSeq = untilSeq;
    this.#lastSeq = this.#wantedSeq = lastSeq;
    this.#askFor = askFor;
  }

  get firstSeq() {
    return this.#firstSeq;
  }

  get untilSeq() {
    return this.#untilSeq;
  }

  // Whether the newest messages are here.
  get isPresent() {
    return this.#untilSeq === Infinity;
  }

  get lastSeq() {
    return this.#lastSeq;
  }

  // Messages that the page was made with.
  know(messages) {
    for (const message of messages) this.#messages.set(message.id, message);
  }

  // A message as it is known: every one that is shown is.
  find(id) {
    return this.#messages.get(id);
  }

  // A live entry. Beyond a gap it waits until what is missing has been asked for.
  take(entry) {
    if (entry.seq > this.#lastSeq + 1) this.#early.set(entry.seq, entry);
    else if (entry.seq === this.#lastSeq + 1) this.#advance(entry);
    return this.#reach(entry.seq);
  }

  // The room's head, as the server told it: asks until everything up to it is here.
  async reach(headSeq) {
    if (headSeq < this.#lastSeq) await this.#checkHead();
    else await this.#reach(headSeq);
  }

  // A message that the server told, posted or changed by oneself; its entry may have come before, or may come yet.
  acknowledge(message) {
    this.#keep(message);
    return this.#reach(message.seq);
  }

  // More messages are here now, so that all from `firstSeq` to `untilSeq` are. Gives them as new as they are known, because
  // changes may have overtaken them; and where the present is reached, those that were said while they were fetched.
  merge(messages, firstSeq, untilSeq = this.#untilSeq) {
    const fetchedUntil = messages.at(-1)?.seq ?? 0;
    const arrived =
      untilSeq > this.#untilSeq && untilSeq === Infinity ? this.#saidAfter(fetchedUntil) : [];
    this.#firstSeq = firstSeq;
    this.#untilSeq = untilSeq;
    return [...messages.map((message) => this.#newest(message)), ...arrived];
  }

  #saidAfter(seq) {
    return [...this.#messages.values()]
      .filter((message) => message.seq > seq)
      .sort((one, other) => one.seq - other.seq);
  }

  #newest(message) {
    const known = this.find(message.id);
    if (known?.version >= message.version) return known;
    this.#messages.set(message.id, message);
    return message;
  }

  async #reach(headSeq) {
    this.#wantedSeq = Math.max(this.#wantedSeq, headSeq);
    if (this.#wantedSeq === this.#lastSeq) return;
    this.#asking ??= this.#catchUp().finally(() => (this.#asking = null));
    await this.#asking;
  }

  async #catchUp() {
    while (this.#lastSeq < this.#wantedSeq) {
      const answer = await this.#ask();
      if (!answer) return;
      const before = this.#lastSeq;
      for (const entry of answer.entries) if (entry.seq === this.#lastSeq + 1) this.#advance(entry);
      this.#wantedSeq = Math.max(this.#wantedSeq, answer.head_seq);
      if (this.#lastSeq === before) return this.#giveUp(); // the server has no more; the next head it tells asks again
    }
  }

  // The answer, or null when the room is not ours any more: `room:removed` or the next hello tells what to do then.
  async #ask() {
    try {
      return await this.#askFor(this.#lastSeq);
    } catch {
      return this.#giveUp();
    }
  }

  // A head before what is here is a restored backup, or was told late: the log itself knows.
  async #checkHead() {
    const answer = await this.#ask();
    if (answer && answer.head_seq < this.#lastSeq) this.#tell("restart");
  }

  #giveUp() {
    this.#wantedSeq = this.#lastSeq;
    return null;
  }

  // The next entry, and those behind it that came early.
  #advance(entry) {
    for (let next = entry; next; next = this.#early.get(this.#lastSeq + 1)) {
      this.#lastSeq = next.seq;
      this.#early.delete(next.seq);
      this.#keep(next.message);
    }
    this.#wantedSeq = Math.max(this.#wantedSeq, this.#lastSeq);
  }

  #keep(message) {
    if (this.#messages.get(message.id)?.version >= message.version) return;
    this.#messages.set(message.id, message);
    if (message.seq >= this.#firstSeq && message.seq <= this.#untilSeq)
      this.#tell("message", message);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
