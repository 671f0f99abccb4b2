// The upload of one picture: progress, cancel, retry. XMLHttpRequest, because fetch reports no progress.

import { wait } from "../helpers/backoff.js";
import { csrfToken, refreshSession } from "../helpers/session.js";
import { t } from "./translation.js";

const DESCRIBED_WITHIN = 5_000; // ms; a message does not wait longer for the descriptions of its pictures

const MOST_AT_ONCE = 3; // of one page: the chat refuses more from a person
const MOST_TRIES = 5; // while the person's other pages upload, too
const LONGEST_PAUSE = 10; // s

const waiting = [];
let running = 0;

// Events: "change". State: "uploading", "done" (then `image` is the server's), "failed" (then `problem`
// says why, and `mayHelp` whether trying again may help).
export class Upload extends EventTarget {
  state = "uploading";
  progress = 0;
  problem = "";
  mayHelp = false;
  image = null;
  #request = null;

  constructor(roomId, file) {
    super();
    this.roomId = roomId;
    this.file = file;
  }

  async start() {
    this.#set({ state: "uploading", progress: 0, problem: "" });
    const [status, answer] = await inTurn(() => this.#try());
    if (status === 201 && answer) this.#set({ state: "done", progress: 1, image: answer });
    else if (this.state !== "cancelled") this.#fail(status, mistakeIn(answer));
  }

  // Saves the description of the picture. The message is sent even if that fails.
  async describe(alt) {
    if (!this.image || alt === this.image.alt) return;
    const headers = { "Content-Type": "application/json", "X-CSRF-TOKEN": csrfToken() };
    const request = {
      method: "PATCH",
      headers,
      body: JSON.stringify({ alt }),
      signal: AbortSignal.timeout(DESCRIBED_WITHIN),
    };
    const response = await fetch(`/api/v1/images/${this.image.id}`, request).catch(() => null);
    const answer = response?.ok ? await response.json().catch(() => null) : null;
    if (answer) this.image = answer;
  }

  cancel() {
    this.#set({ state: "cancelled" });
    this.#request?.abort();
  }

  async #try() {
    let [status, answer] = await this.#send();
    if (status === 401 && (await refreshSession())) [status, answer] = await this.#send();
    for (let tries = 1; status === 429 && tries < MOST_TRIES; tries++) {
      const pause = mistakeIn(answer)?.retry_after ?? 1;
      if (pause > LONGEST_PAUSE) break; // a limit, not a full queue
      await wait(1000 * pause);
      [status, answer] = await this.#send();
    }
    return [status, answer];
  }

  #fail(status, error) {
    const problem = error
      ? Object.values(error.fields ?? { message: error.message }).join(" ")
      : notOurs(status);
    this.#set({
      state: "failed",
      problem,
      mayHelp: status === 0 || status === 429 || status >= 500,
    });
  }

  async #send() {
    if (this.state === "cancelled") return [0, null];
    return new Promise((resolve) => {
      const request = (this.#request = new XMLHttpRequest());
      const form = new FormData();
      form.append("image", this.file);
      request.open("POST", `/api/v1/rooms/${this.roomId}/images`);
      request.setRequestHeader("X-CSRF-TOKEN", csrfToken());
      request.responseType = "json";
      request.upload.addEventListener("progress", ({ loaded, total }) =>
        this.#set({ progress: loaded / total }),
      );
      request.addEventListener("loadend", () => resolve([request.status, request.response]));
      request.send(form);
    });
  }

  #set(changes) {
    Object.assign(this, changes);
    this.dispatchEvent(new Event("change"));
  }
}

// Returns the chat's error; undefined if something else answered, whatever that looks like.
function mistakeIn(answer) {
  const error = answer?.error;
  return typeof error?.message === "string" ? error : undefined;
}

// A sentence for an answer of something between the browser and the chat.
function notOurs(status) {
  if (status === 0) return t("The chat could not be reached.");
  if (status === 413) return t("A server between you and the chat takes no file as large as this.");
  if (status >= 502 && status <= 504)
    return t("The chat is being restarted; try again in a moment.");
  return t("A server between you and the chat answered in its place ({status}).", { status });
}

// Runs an action as soon as fewer than MOST_AT_ONCE run.
async function inTurn(action) {
  if (running < MOST_AT_ONCE) running += 1;
  else await new Promise((resolve) => waiting.push(resolve));
  try {
    return await action();
  } finally {
    if (waiting.length) waiting.shift()();
    else running -= 1;
  }
}
