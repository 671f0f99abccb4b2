// Where somebody stands in single rooms ({room, head_seq, read_seq, unread, mentions}), asked for several at a time.

const MOST = 100; // rooms that the server is asked about at once

// Events: "standing", whose detail is what the server says of one room.
export class Standings extends EventTarget {
  #wanted = new Set();
  #isDue = false;
  #get;
  #later;

  // `get` answers a path of the API; `later` calls an action after a while.
  constructor(get, later) {
    super();
    this.#get = get;
    this.#later = later;
  }

  // Of a room that somebody is not in nothing is told.
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
      console.warn(error.message); // the next hello says it, or the next message
    }
  }
}
