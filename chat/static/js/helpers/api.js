// Reading from the JSON API as whom the page's cookies say.

import { refreshSession } from "./session.js";

const ANSWER_WITHIN = 10_000; // ms; on a half-open line there is never an answer

// What GET answers. Throws Error when it is not 200, or when the chat cannot be reached.
export async function getJson(path) {
  let response = await get(path);
  if (response.status === 401 && (await refreshSession())) response = await get(path);
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
  return response.json();
}

function get(path) {
  return fetch(`/api/v1${path}`, { signal: AbortSignal.timeout(ANSWER_WITHIN) });
}
