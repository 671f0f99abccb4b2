/** The API of a chat, for a program with a token. */

import { ChatError } from "./chat_error.js";
import { Follower } from "./following.js";
import { sleep } from "./sleep.js";

const AGAIN = new Set([429, 500, 502, 503, 504]);
const PAUSE_SECONDS = 2; // before a request is sent again, if the chat does not say when
const TIMEOUT_SECONDS = 30;
const UNANSWERABLE = new Set(["validation_failed", "not_found", "forbidden", "conflict"]);

/** What a program remembers: the last seq that it has of each room. Both may return a promise;
 * `load` returns null before the first time.
 * @typedef {{load(): any, save(seqs: Record<string, number>): any}} Memory
 */

export class Chat {
  #token;

  /**
   * @param {string} url of the chat
   * @param {string} token of a bot or of a person
   */
  constructor(url, token) {
    this.url = url.replace(/\/+$/, "");
    this.#token = token;
  }

  /**
   * Return the JSON of an answer, or null if it has no content. Throws ChatError.
   *
   * Sends the request again while nothing answers, or the chat says that it cannot now. Give
   * changes a `client_id`, so that this is safe.
   */
  async request(method, path, { query = {}, body } = {}) {
    for (;;) {
      let pause = PAUSE_SECONDS;
      const answer = await this.fetch(method, path, { query, body }).catch(() => null);
      const content = await answer?.text().catch(() => null);
      if (typeof content === "string") {
        if (!AGAIN.has(answer.status)) return contentOf(answer, content);
        pause = Number(answer.headers.get("Retry-After") ?? pause);
      }
      await sleep(pause);
    }
  }

  /** Send one request, and return its Response. `signal`: ends it; else it has 30 seconds. */
  fetch(method, path, { query = {}, body, signal } = {}) {
    const parameters = String(new URLSearchParams(query));
    const headers = { Authorization: `Bearer ${this.#token}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return fetch(`${this.url}/api/v1${path}${parameters && `?${parameters}`}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ?? AbortSignal.timeout(1000 * TIMEOUT_SECONDS),
    });
  }

  get(path, query) {
    return this.request("GET", path, { query });
  }

  postJson(path, body) {
    return this.request("POST", path, { body });
  }

  put(path, body) {
    return this.request("PUT", path, { body });
  }

  patch(path, body) {
    return this.request("PATCH", path, { body });
  }

  delete(path) {
    return this.request("DELETE", path);
  }

  /** Return the account of the token. */
  me() {
    return this.get("/me");
  }

  /** Join a public room. */
  join(roomId) {
    return this.postJson(`/rooms/${roomId}/join`);
  }

  /** Post a message, and return it; once for each `clientId`. Throws ChatError. */
  post(roomId, body, { clientId = crypto.randomUUID(), replyToId } = {}) {
    const sent = { client_id: clientId, body };
    if (replyToId) sent.reply_to_id = replyToId;
    return this.postJson(`/rooms/${roomId}/messages`, sent);
  }

  /**
   * Answer a message, once. Return null if nobody can answer it any more: it was deleted meanwhile,
   * or the bot may no longer write there.
   */
  async reply(message, body) {
    try {
      const answers = { clientId: `reply-${message.id}`, replyToId: message.id };
      return await this.post(message.room_id, body, answers);
    } catch (error) {
      if (error instanceof ChatError && UNANSWERABLE.has(error.code)) return null;
      throw error;
    }
  }

  /**
   * Yield every entry of all rooms, for ever: of each room in order, without gaps.
   *
   * `memory`: what the bot has; an entry is noted there when the next one is asked for.
   * `fromBeginning`: of a room that the memory does not know, yield everything.
   * @param {Memory} [memory]
   */
  follow(memory = { load: () => null, save: () => {} }, { fromBeginning = false } = {}) {
    return new Follower(this, memory, fromBeginning).entries();
  }
}

function contentOf(answer, text) {
  const content = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new ChatError(answer.status, content?.error);
  return content;
}
