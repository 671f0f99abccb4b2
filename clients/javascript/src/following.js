/**
 * Follow all rooms of a bot: the logs are authoritative, events are hints.
 *
 * On every event the follower reads the room's log from the last seq that it has. So it needs no
 * rule for events that are lost, late or doubled.
 */

import { ChatError } from "./chat_error.js";
import { eventsOf } from "./server_sent_events.js";
import { sleep } from "./sleep.js";

const LOOK_SECONDS = 60; // between two looks at all rooms, whatever events say
const SILENT_SECONDS = 45; // without an event or a sign of life, the stream is dead
const STEP = 500; // entries of one answer

export class Follower {
  #chat;
  #memory;
  #fromBeginning;
  #seen;
  #heads = new Map(); // of rooms that have something new: room id -> [head, where to begin]
  #looks = true; // whether to look at all rooms
  #wake = () => {};
  #stopped = false;
  #connection = new AbortController(); // ends the request that listens now

  constructor(chat, memory, fromBeginning) {
    this.#chat = chat;
    this.#memory = memory;
    this.#fromBeginning = fromBeginning;
  }

  /** Yield entries for ever. Throws ChatError, for example when the token was revoked. */
  async *entries() {
    this.#seen = { ...(await this.#memory.load()) };
    this.#listen();
    try {
      for (;;) {
        if (this.#looks) yield* this.#ofAll();
        for (const [roomId, [head, beginAt]] of this.#heads) {
          this.#heads.delete(roomId);
          yield* this.#ofRoom(roomId, head, beginAt);
        }
        await this.#news();
      }
    } finally {
      this.#stopped = true;
      this.#connection.abort();
    }
  }

  /** Wait until there is something new; at most LOOK_SECONDS, and then look at all rooms. */
  #news() {
    if (this.#looks || this.#heads.size) return;
    return new Promise((wake) => {
      const timer = setTimeout(() => this.#look(), 1000 * LOOK_SECONDS);
      this.#wake = () => {
        clearTimeout(timer);
        wake();
      };
    });
  }

  #look() {
    this.#looks = true;
    this.#wake();
  }

  #note(roomId, head, beginAt) {
    const [known, begin] = this.#heads.get(roomId) ?? [0, beginAt];
    this.#heads.set(roomId, [Math.max(head, known), Math.min(begin, beginAt)]);
    this.#wake();
  }

  /** Yield what every room has beyond the memory. */
  async *#ofAll() {
    this.#looks = false;
    for (let before = ""; before !== null;) {
      const page = await this.#chat.get("/rooms", { before });
      for (const { room, head_seq: head } of page.rooms) {
        if (this.#seen[room.id] > head) this.#seen[room.id] = head; // restored from a backup
        yield* this.#ofRoom(room.id, head, head);
      }
      before = page.next;
    }
  }

  /** Yield the entries up to `head`; of an unknown room those after `beginAt`. */
  async *#ofRoom(roomId, head, beginAt) {
    if (!(roomId in this.#seen)) await this.#remember(roomId, this.#fromBeginning ? 0 : beginAt);
    while (this.#seen[roomId] < head) {
      const entries = await this.#read(roomId);
      if (entries === null) {
        delete this.#seen[roomId]; // the bot is no longer in the room
        return;
      }
      for (const entry of entries) {
        yield entry;
        await this.#remember(roomId, entry.seq);
      }
    }
  }

  async #read(roomId) {
    try {
      const query = { after: this.#seen[roomId], limit: STEP };
      return (await this.#chat.get(`/rooms/${roomId}/log`, query)).entries;
    } catch (error) {
      if (error instanceof ChatError && [403, 404].includes(error.status)) return null;
      throw error;
    }
  }

  #remember(roomId, seq) {
    this.#seen[roomId] = seq;
    return this.#memory.save(this.#seen);
  }

  /** Listen, and listen again, until the program has enough. Each stream begins with `hello`. */
  async #listen() {
    while (!this.#stopped) {
      this.#connection = new AbortController();
      await this.#listenOnce(this.#connection).catch(() => {}); // the chat is away
      this.#look(); // which says, too, whether the token is still good
      await sleep(1 + 2 * Math.random());
    }
  }

  async #listenOnce(connection) {
    const { signal } = connection;
    const end = () => connection.abort();
    let timer = setTimeout(end, 1000 * SILENT_SECONDS);
    try {
      const answer = await this.#chat.fetch("GET", "/stream", { signal });
      if (!answer.ok) return;
      for await (const event of eventsOf(answer)) {
        clearTimeout(timer);
        timer = setTimeout(end, 1000 * SILENT_SECONDS);
        if (event) this.#take(...event);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #take(event, payload) {
    if (event === "hello") this.#look();
    else if (event === "room:added")
      this.#note(payload.room.id, payload.head_seq, payload.head_seq);
    else if (event === "room:heads")
      for (const [roomId, head] of Object.entries(payload)) this.#note(roomId, head, head);
    else if (event.startsWith("message:"))
      this.#note(payload.room_id, payload.seq, payload.seq - 1);
  }
}
