// The person's read position and counts in single rooms ({room, head_seq, read_seq, unread, mentions}),
// requested for several at a time.

const MOST = 100; // rooms in one request

// Events: "standing" (detail: the server's answer about one room).
export class Standings extends EventTarget {
  #wanted = new Set();
  #isDue = false;
  #get;
  #later;

  // get(path) resolves to the API's answer; later(action) calls an action after a while.
  constructor(get, later) {
    super();
    this.#get = get;
    this.#later = later;
  }

  // There is no event for a room that the person is not in.
  ask(roomId) {
    this.#wanted.add(roomId);
    if (this.#isDue) return;
    this.#isDue = true;
    this.#later(() => this.#askNow());
  }

  async #askNow() {
    const ids = [...this.#wanted].slice(0, MOST);
    for (const id of ids) this.#wanted.delete(id);
    this.#isDue = false;
    if (this.#wanted.size) this.ask([...this.#wanted][0]);
    try {
      const { rooms } = await this.#get(`/rooms?ids=${ids.join()}`);
      for (const detail of rooms) this.dispatchEvent(new CustomEvent("standing", { detail }));
    } catch (error) {
      console.warn(error.message); // the next hello contains it, or the next message asks again
    }
  }
}
