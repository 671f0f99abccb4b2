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
  #seen = {};
  #heads = new Map(); // of rooms that have something new: room id -> [head, head when joined]
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
    this.#listen();
    try {
      const seen = await this.#memory.load();
      if (seen) this.#seen = { ...seen };
      else await this.#begin();
      for (;;) {
        if (this.#looks) yield* this.#ofAll();
        for (const [roomId, [head, joinedAt]] of this.#heads) {
          this.#heads.delete(roomId);
          yield* this.#ofRoom(roomId, head, joinedAt);
        }
        await this.#news();
      }
    } finally {
      this.#stopped = true;
      this.#connection.abort();
    }
  }

  /** Begin, at the first start, with what comes from now on. */
  async #begin() {
    for (const { room, head_seq: head } of await this.#rooms())
      this.#seen[room.id] = this.#fromBeginning ? 0 : head;
    await this.#memory.save(this.#seen);
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

  #note(roomId, head, joinedAt = Infinity) {
    const [known, joined] = this.#heads.get(roomId) ?? [0, Infinity];
    this.#heads.set(roomId, [Math.max(head, known), Math.min(joined, joinedAt)]);
    this.#wake();
  }

  /**
   * Return all rooms. They are read before anything is done about one of them: a room that the bot
   * uses meanwhile moves to the first page, which was read already.
   */
  async #rooms() {
    const rooms = [];
    for (let before = ""; before !== null;) {
      const page = await this.#chat.get("/rooms", { before });
      rooms.push(...page.rooms);
      before = page.next;
    }
    return rooms;
  }

  /** Yield what every room has beyond the memory. */
  async *#ofAll() {
    this.#looks = false;
    const rooms = await this.#rooms();
    for (const item of rooms) await this.#meet(item, this.#heads.get(item.room.id)?.[1]);
    for (const { room, head_seq: head } of rooms) yield* this.#upTo(room.id, head);
  }

  /** Yield what a room has up to `head`, beyond the memory. */
  async *#ofRoom(roomId, head, joinedAt) {
    if (!(roomId in this.#seen))
      for (const item of (await this.#chat.get("/rooms", { ids: roomId })).rooms)
        await this.#meet(item, joinedAt);
    yield* this.#upTo(roomId, head);
  }

  /**
   * Note where a room begins that the memory does not know: where the bot joined it.
   *
   * `joinedAt`: what an event said about that. Without it that is known by what the bot has read,
   * and a bot has read what precedes its own messages.
   */
  async #meet({ room, head_seq: head, read_seq: read }, joinedAt = head) {
    if (!(room.id in this.#seen))
      await this.#remember(room.id, this.#fromBeginning ? 0 : Math.min(read, joinedAt));
    else if (this.#seen[room.id] > head) await this.#remember(room.id, head); // an older backup
  }

  /** Yield a room's entries up to `head`. */
  async *#upTo(roomId, head) {
    while (this.#seen[roomId] < head) {
      const entries = await this.#read(roomId);
      if (!entries.length) return; // no longer in the room, or the chat was restored from a backup
      for (const entry of entries) {
        yield entry;
        await this.#remember(roomId, entry.seq);
      }
    }
  }

  /** Return the next entries of a room; none if the bot is no longer there. */
  async #read(roomId) {
    try {
      const query = { after: this.#seen[roomId], limit: STEP };
      return (await this.#chat.get(`/rooms/${roomId}/log`, query)).entries;
    } catch (error) {
      if (error instanceof ChatError && [403, 404].includes(error.status)) return [];
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
      for (const [roomId, head] of Object.entries(payload)) this.#note(roomId, head);
    else if (event.startsWith("message:")) this.#note(payload.room_id, payload.seq);
  }
}
