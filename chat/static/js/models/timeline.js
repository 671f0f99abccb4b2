// A room's messages as this page knows them: in the order of `seq`, each once, in the newest version.
//
// It accepts an entry any number of times. An entry beyond the next one shows a gap; then it requests
// the missing ones. Messages before `firstSeq`, or on a page of the past after `untilSeq`, are not
// fetched, and not shown.

// Events: "message" (detail: a new or changed message), "advance" (the next entry is here), "window" (more
// of the log is fetched, or less), "restart" (the server's log is shorter than this one).
export class Timeline extends EventTarget {
  #messages = new Map(); // id -> message, also changed ones that are not fetched yet
  #early = new Map(); // seq -> entry beyond a gap
  #firstSeq;
  #untilSeq;
  #lastSeq;
  #wantedSeq;
  #askFor;
  #asking = null;

  // askFor(after) -> {entries, head_seq}; rejects when trying again would not help.
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

  // Whether it contains the newest messages.
  get isPresent() {
    return this.#untilSeq === Infinity;
  }

  get lastSeq() {
    return this.#lastSeq;
  }

  // Adds the messages that the page contains; those with `isPartial` lack what a whole one has.
  store(messages) {
    for (const message of messages) this.#messages.set(message.id, message);
  }

  // Returns a message; every shown one is known.
  find(id) {
    return this.#messages.get(id);
  }

  // Takes a live entry. Beyond a gap it waits until the missing ones are here.
  take(entry) {
    if (entry.seq > this.#lastSeq + 1) this.#early.set(entry.seq, entry);
    else if (entry.seq === this.#lastSeq + 1) this.#advance(entry);
    return this.#reach(entry.seq);
  }

  // Requests entries until the room's head is here, as the server reports it.
  async reach(headSeq) {
    if (headSeq < this.#lastSeq) await this.#checkHead();
    else await this.#reach(headSeq);
  }

  // Requests what was posted and changed since the last entry here.
  async refresh() {
    await this.#reach(this.#lastSeq + 1);
  }

  // Takes the server's acknowledgement of an own message or change; its entry may arrive before or after.
  acknowledge(message) {
    this.#update(message);
    return this.#reach(message.seq);
  }

  // Adds fetched messages, so that all from `firstSeq` to `untilSeq` are here. Returns their newest
  // versions, because changes may have overtaken them. Where the present is reached, it adds the
  // messages that were posted meanwhile.
  merge(messages, firstSeq, untilSeq = this.#untilSeq) {
    const fetchedUntil = messages.at(-1)?.seq ?? 0;
    const arrived =
      untilSeq > this.#untilSeq && untilSeq === Infinity ? this.#postedAfter(fetchedUntil) : [];
    this.#firstSeq = firstSeq;
    this.#untilSeq = untilSeq;
    this.#emit("window");
    return [...messages.map((message) => this.#newest(message)), ...arrived];
  }

  // The messages before `seq` are not shown any more; scrolling up fetches them again.
  forgetBefore(seq) {
    this.#firstSeq = seq;
    this.#forget((message) => message.seq < seq);
    this.#emit("window");
  }

  // Likewise those after `seq`: then this is a page of the past.
  forgetAfter(seq) {
    this.#untilSeq = seq;
    this.#forget((message) => message.seq > seq);
    this.#emit("window");
  }

  #forget(isOver) {
    for (const [id, message] of this.#messages) if (isOver(message)) this.#messages.delete(id);
  }

  #postedAfter(seq) {
    return [...this.#messages.values()]
      .filter((message) => message.seq > seq)
      .sort((one, other) => one.seq - other.seq);
  }

  #newest(message) {
    const known = this.find(message.id);
    if (known?.version >= message.version && !known.isPartial) return known;
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
      if (this.#lastSeq === before) return this.#giveUp(); // the server has no more; the next head tries again
    }
  }

  // Resolves to the answer, or to null when the person is not in the room any more: `room:removed` or
  // the next hello follows.
  async #ask() {
    try {
      return await this.#askFor(this.#lastSeq);
    } catch {
      return this.#giveUp();
    }
  }

  // A head before the last entry here is a restored backup, or outdated: the log itself decides.
  async #checkHead() {
    const answer = await this.#ask();
    if (answer && answer.head_seq < this.#lastSeq) this.#emit("restart");
  }

  #giveUp() {
    this.#wantedSeq = this.#lastSeq;
    return null;
  }

  // Takes the next entry, and those behind it that arrived early.
  #advance(entry) {
    for (let next = entry; next; next = this.#early.get(this.#lastSeq + 1)) {
      this.#lastSeq = next.seq;
      this.#early.delete(next.seq);
      this.#update(next.message);
      this.#emit("advance");
    }
    this.#wantedSeq = Math.max(this.#wantedSeq, this.#lastSeq);
  }

  #update(message) {
    if (this.#messages.get(message.id)?.version >= message.version) return;
    this.#messages.set(message.id, message);
    if (message.seq >= this.#firstSeq && message.seq <= this.#untilSeq)
      this.#emit("message", message);
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
